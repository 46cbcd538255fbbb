// The colour of every pixel, from what it hits.

layout(location = 0) out vec4 color;
uniform sampler2D facing, base, rounded, openness;
uniform isampler2D named;

#ifdef OPENNESS
// The mean of the four points about it of those that lie about as far away.
float open_at(ivec2 at, float depth) {
    ivec2 first = (at - 1) >> 1, last = textureSize(openness, 0) - 1;
    float sum = 0.0, weight = 0.0;
    for (int i = 0; i < 4; ++i) {
        vec2 there = texelFetch(openness, clamp(first + ivec2(i & 1, i >> 1), ivec2(0), last), 0).xy;
        float near = max(1.0 - 20.0 * abs(there.y - depth) / depth, 0.001);
        sum += near * there.x;
        weight += near;
    }
    return sum / weight;
}
#endif

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec3 ray = vec3((gl_FragCoord.xy - 0.5 * picture.xy) / picture.zw, 1.0);
    int surface = texelFetch(named, at, 0).x;
    if (surface < 0) {
        color = vec4(sky(normalize(ray)), 1.0);
        return;
    }
    vec4 here = texelFetch(facing, at, 0);
    vec3 p = ray * here.w;
    float open = 1.0;
#ifdef OPENNESS
    open = open_at(at, here.w);
#endif
    Point point = Point(p, here.xyz, texelFetch(rounded, at, 0).xyz, -normalize(p), 0.0);
    vec3 light = shaded(point, texelFetch(base, at, 0).rgb, surface, open);
    color = vec4(srgb(exposed(hazed(light, p))), 1.0);
}
