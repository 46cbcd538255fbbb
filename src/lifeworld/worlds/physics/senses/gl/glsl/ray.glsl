uniform vec4 picture;  // width, height, fx, fy [px]
