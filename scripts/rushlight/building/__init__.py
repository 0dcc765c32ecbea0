"""The build folder, and what a compiler or linker had to say."""
