"""Pictures by OpenGL: what a camera's pixels hit, to the ray, and how that looks. One context a process, shared by all scenes."""
