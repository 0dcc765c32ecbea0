"""The course as it lies on the disk: modules, tasks and blanks, skeletons, hints, the tree that students get."""
