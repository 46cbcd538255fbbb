// Where vertices go. Everything is in the frame of whoever looks: a camera (x right, y down, z forward), or a light.
// A picture's first row is its top, so y down in the frame is up in OpenGL's window, and what turns clockwise is seen from outside.

uniform samplerBuffer poses;  // three rows a drawn thing: frame_from_thing
uniform samplerBuffer looks;  // LOOKS rows a drawn thing, see drawn.py
uniform vec4 lens;            // a camera: 2 fx / width, 2 fy / height, nearest depth; a far light: half width, half height, nearest, farthest

const int LOOKS = 4;
const float SPHERE = 2.0, CAPSULE = 3.0, ELLIPSOID = 4.0, CYLINDER = 5.0;  // as the engine numbers them

vec4 seen_at(vec3 p) {
#ifdef PARALLEL
    return vec4(p.x / lens.x, p.y / lens.y, (lens.w - p.z) / (lens.w - lens.z), 1.0);  // 1 nearest, 0 farthest
#else
    return vec4(p.x * lens.x, p.y * lens.y, lens.z, p.z);  // depth is nearest / z: 1 nearest, 0 infinitely far
#endif
}

// What a thing's last row says of it.
int told(vec4 names) {
#ifdef ALONE
    return int(names.y);  // whose it is
#else
    return int(names.x);  // which surface it is
#endif
}
