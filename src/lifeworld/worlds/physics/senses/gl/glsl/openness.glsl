// How open every second point of every second row lies to the light from all around: less in corners and under things. A few points
// about it are looked at, in another direction for each of four neighbours; who reads it takes all four.
// Source: M. McGuire et al., The Alchemy Screen-Space Ambient Obscurance Algorithm (HPG 2011).

layout(location = 0) out vec2 open;  // 1 is all open; depth
uniform sampler2D facing;
const int LOOKED_AT = 8;
const float REACH = 0.4, STRONG = 1.9;  // [m], what a full count takes away

vec3 point(ivec2 at, float depth) { return vec3((vec2(at) + 0.5 - 0.5 * picture.xy) / picture.zw, 1.0) * depth; }

void main() {
    ivec2 last = ivec2(picture.xy) - 1, here = min(2 * ivec2(gl_FragCoord.xy), last), own = ivec2(gl_FragCoord.xy) & 1;
    vec4 seen = texelFetch(facing, here, 0);
    vec3 p = point(here, seen.w);
    float wide = clamp(REACH * picture.z / seen.w, 4.0, 0.25 * picture.y), hidden = 0.0;
    // Where neighbours begin to look: 0°, 22.5°, 45°, 67.5°; from there on by the golden angle, which fills the circle.
    vec2 way = own.y == 0 ? (own.x == 0 ? vec2(1.0, 0.0) : vec2(0.9239, 0.3827)) : (own.x == 0 ? vec2(0.7071, 0.7071) : vec2(0.3827, 0.9239));
    for (int i = 0; i < LOOKED_AT; ++i) {
        ivec2 there = clamp(here + ivec2(round(wide * (float(i) + 0.75) / float(LOOKED_AT) * way)), ivec2(0), last);
        way = mat2(-0.737369, 0.675490, -0.675490, -0.737369) * way;
        vec3 to = point(there, min(texelFetch(facing, there, 0).w, 1e6)) - p;
        float square = dot(to, to) + 1e-8, rise = dot(to, seen.xyz) * inversesqrt(square);
        hidden += max(rise - 0.08, 0.0) * max(1.0 - square / (REACH * REACH), 0.0);
    }
    open = vec2(max(1.0 - STRONG * hidden / float(LOOKED_AT), 0.0), seen.w);
}
