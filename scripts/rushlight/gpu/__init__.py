"""Module 22 on a real GPU. Needs nothing but Python itself: the machine with the GPU may have no package of ours."""
