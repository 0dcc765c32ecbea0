"""What stands around the compiler and the linker in every build step: records of what was built, rules for students' code."""
