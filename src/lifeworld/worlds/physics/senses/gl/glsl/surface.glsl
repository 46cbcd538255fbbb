// What every pixel hits; and where colour is wanted, what light needs to know of it.

layout(location = 0) out vec4 facing;  // normal and depth
layout(location = 1) out ivec2 named;  // surface and triangle
#ifdef COLOUR
layout(location = 2) out vec4 base;     // sRGB
layout(location = 3) out vec4 rounded;  // the normal that light sees
#endif
uniform float nearest;

void main() {
    Hit here = hit();
#ifdef ROUND
    gl_FragDepth = nearest / here.depth;
#endif
    facing = vec4(here.normal, here.depth);
#ifdef SOFT
    named = ivec2(which, triangle);
#else
    named = ivec2(which, -1);
#endif
#ifdef COLOUR
    base = colour_of(here);
    rounded = vec4(lit_normal(here), 1.0);
#endif
}
