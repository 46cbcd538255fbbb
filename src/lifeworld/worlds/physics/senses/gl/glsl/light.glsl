// How a point looks in the scene's light. Lengths in metres, in the camera's frame; light and colours linear.

// Suns with shadows come first, then lamps with shadows, suns without, lamps without: each of the four ends before this number. They
// are known when the program is made: software drivers read arrays by numbers known only later three times as slowly.
const int ends[4] = int[4](ENDS);
uniform vec4 light_at[LIGHTS];      // where it is
uniform vec4 light_way[LIGHTS];     // where it shines; cosine of half its spread, -1 all around
uniform vec4 light_color[LIGHTS];   // its light; how it fades towards the rim
uniform vec4 light_fading[LIGHTS];  // by 1, d, d²
#if SHADOWS > 0
uniform vec4 shadow_x[SHADOWS], shadow_y[SHADOWS], shadow_z[SHADOWS], shadow_lens[SHADOWS];  // light_from_camera; as in place.glsl
uniform vec4 shadow_size;                // texels a side, 1 / that, softness and lift [texels]
uniform sampler2DArray shadows;
#endif
uniform samplerBuffer shine;             // by surface: specular, shininess, reflectance, emission
uniform vec3 up;                         // the world's, in the camera's frame
uniform float ambient;

const vec3 ZENITH = vec3(0.62, 0.72, 0.83), HORIZON = vec3(0.93, 0.95, 0.97);  // sRGB, as the rays have it
const vec3 BOUNCE = vec3(0.58, 0.53, 0.47);                                    // what comes up from a floor, of what comes down

// Both to a part in two hundred, without powers. Source: I. Taylor, sRGB approximations for HLSL (chilliant.blogspot.com, 2012).
vec3 linear(vec3 c) { return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878); }


vec3 srgb(vec3 light) {
    vec3 once = sqrt(light), twice = sqrt(once), thrice = sqrt(twice);
    return 0.662002687 * once + 0.684122060 * twice - 0.323583601 * thrice - 0.0225411470 * light;
}

vec3 sky(vec3 way) { return mix(HORIZON, ZENITH, clamp(0.5 + 0.5 * dot(way, up), 0.0, 1.0)); }

// Colours stay as they are up to a knee and bend towards white above it, without turning their hue.
vec3 exposed(vec3 light) {
    const float knee = 0.76;
    float most = max(max(light.r, light.g), light.b);
    if (most < knee) return light;
    float room = 1.0 - knee, bent = 1.0 - room * room / (most + room - knee);
    light *= bent / most;
    return mix(vec3(bent), light, 1.0 / (0.15 * (most - bent) + 1.0));
}

#if SHADOWS > 0
// The share of a light that comes through about a place in its map, for what lies at this depth.
float through(int map, vec2 uv, float depth) {
    vec2 at = uv * shadow_size.x;
    float sum = 0.0;
#ifdef SOFT_SHADOWS
    float turn = 6.2832 * fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
    vec2 way = shadow_size.z * vec2(cos(turn), sin(turn));
    for (int i = 0; i < 16; ++i) {
        vec2 place = at + sqrt((float(i) + 0.5) / 16.0) * way;
        sum += step(texelFetch(shadows, ivec3(place, map), 0).r, depth);
        way = mat2(-0.737369, 0.675490, -0.675490, -0.737369) * way;  // by the golden angle, which fills the disc
    }
    return sum / 16.0;
#else
    // Nine texels weighed by a quadratic B-spline: smooth, and no wider than it needs to be. They are fetched four at a time, bare:
    // software drivers compare and filter depths several times as slowly.
    vec2 middle = floor(at), f = at - middle;
    vec3 wx = vec3(0.5 * (1.0 - f.x) * (1.0 - f.x), 0.5 + f.x - f.x * f.x, 0.5 * f.x * f.x);
    vec3 wy = vec3(0.5 * (1.0 - f.y) * (1.0 - f.y), 0.5 + f.y - f.y * f.y, 0.5 * f.y * f.y);
    vec3 low = vec3(middle * shadow_size.y, float(map)), aside = vec3(shadow_size.y, 0.0, 0.0);
    vec4 a = step(textureGather(shadows, low), vec4(depth)), b = step(textureGather(shadows, low + aside.xyz), vec4(depth));
    vec4 c = step(textureGather(shadows, low + aside.yxz), vec4(depth)), d = step(textureGather(shadows, low + aside.xxz), vec4(depth));
    sum = wy.x * dot(wx, vec3(a.wz, b.z)) + wy.y * dot(wx, vec3(a.xy, b.y)) + wy.z * dot(wx, vec3(c.xy, d.y));
    return sum;
#endif
}

vec3 in_map(int map, vec3 p) {
    vec4 q = vec4(p, 1.0);
    return vec3(dot(shadow_x[map], q), dot(shadow_y[map], q), dot(shadow_z[map], q));
}

// How far a point is lifted off its surface, or it would shade itself: as far as its own depth changes across the texels that are
// looked at, which grows with the slant of the light.
vec3 lifted(vec3 p, vec3 normal, float slant, float texel) {
    return p + normal * texel * (0.3 + shadow_size.w * sqrt(max(1.0 - slant * slant, 0.0)));
}

float sun_through(int map, vec3 p, vec3 normal, float slant) {
    vec4 lens = shadow_lens[map];
    float texel = 2.0 * max(lens.x, lens.y) * shadow_size.y;
    vec3 q = in_map(map, lifted(p, normal, slant, texel));
    vec2 at = q.xy / lens.xy;
    float depth = max((lens.w - q.z + 0.3 * texel) / (lens.w - lens.z), 0.0);
    return max(abs(at.x), abs(at.y)) > 0.999 ? 1.0 : through(map, 0.5 + 0.5 * at, depth);
}

float lamp_through(int map, vec3 p, vec3 normal, float slant) {
    vec4 lens = shadow_lens[map];
    float texel = 2.0 * in_map(map, p).z / lens.x * shadow_size.y;
    vec3 q = in_map(map, lifted(p, normal, slant, texel));
    vec2 at = q.xy * lens.xy / q.z;
    bool beside = max(abs(at.x), abs(at.y)) > 0.999 || q.z <= lens.z;
    return beside ? 1.0 : through(map, 0.5 + 0.5 * at, lens.z / (q.z - 0.3 * texel));
}
#endif

struct Point {
    vec3 at, normal, rounded, toward;  // the normal as it is, and as light sees it; towards the camera
    float sharp;
};

// What light that comes from `way` adds: plainly, and as a glint.
void add(inout vec3 plain, inout vec3 glint, Point p, vec3 way, vec3 light) {
    // Where the surface itself looks away there is no light, however its normals are rounded.
    light *= clamp(dot(p.rounded, way), 0.0, 1.0) * clamp(10.0 * dot(p.normal, way) + 0.2, 0.0, 1.0);
    plain += light;
    glint += light * pow(max(dot(p.rounded, normalize(way + p.toward)), 1e-4), p.sharp);
}

// How strongly a lamp shines here, and from where.
float lamp(int i, vec3 p, out vec3 way) {
    vec3 to = light_at[i].xyz - p;
    float distance = length(to), edge = light_way[i].w;
    way = to / distance;
    float inside = -dot(way, light_way[i].xyz);
    float cone = edge <= -1.0 ? 1.0 : smoothstep(edge, edge + 0.04, inside) * pow(max(inside, 1e-4), light_color[i].w);
    return cone / (light_fading[i].x + distance * (light_fading[i].y + distance * light_fading[i].z));
}

// The light that comes to the eye from a point of this own colour and surface, which lies this open, 0 to 1.
vec3 shaded(Point p, vec3 own, int surface, float open) {
    vec4 gloss = texelFetch(shine, surface);
    p.sharp = exp2(3.0 + 7.0 * gloss.y);
    vec3 plain = vec3(0.0), glint = vec3(0.0), way;
#if SHADOWS > 0
    for (int i = 0; i < ends[0]; ++i) {
        way = -light_way[i].xyz;
        add(plain, glint, p, way, light_color[i].rgb * sun_through(i, p.at, p.normal, dot(p.normal, way)));
    }
    for (int i = ends[0]; i < ends[1]; ++i) {
        float strength = lamp(i, p.at, way);
        add(plain, glint, p, way, light_color[i].rgb * strength * lamp_through(i, p.at, p.normal, dot(p.normal, way)));
    }
#endif
    for (int i = ends[1]; i < ends[2]; ++i) add(plain, glint, p, -light_way[i].xyz, light_color[i].rgb);
    for (int i = ends[2]; i < ends[3]; ++i) {
        float strength = lamp(i, p.at, way);
        add(plain, glint, p, way, light_color[i].rgb * strength);
    }
    vec3 albedo = linear(own), mirrored = reflect(-p.toward, p.rounded);
    float metal = clamp(3.0 * gloss.z, 0.0, 1.0), aside = 1.0 - max(dot(p.rounded, p.toward), 0.0);
    float grazing = aside * aside * aside * aside * aside;
    vec3 mirror = mix(vec3(0.02 + 0.05 * gloss.x), albedo, metal);  // what it reflects seen head on
    vec3 sheen = mirror + (max(vec3(0.1 + 0.6 * gloss.y), mirror) - mirror) * grazing * (0.15 + 0.85 * max(gloss.x, metal));
    vec3 around = ambient * mix(BOUNCE * 0.9, vec3(0.96, 0.99, 1.04), 0.5 + 0.5 * dot(p.rounded, up));
    vec3 seen = mix(BOUNCE * 0.55 * ambient, linear(sky(mirrored)) * (0.5 + 1.2 * ambient), smoothstep(-0.35, 0.35, dot(mirrored, up)));
    return albedo * ((1.0 - 0.85 * metal) * (plain + around * open) + gloss.w) + mirror * glint * (p.sharp + 8.0) * 0.04
        + sheen * seen * (open * (0.3 + 0.7 * max(gloss.y, metal)));
}

vec3 hazed(vec3 color, vec3 p) {
    float distance = length(p);
    return mix(linear(sky(p / distance)), color, 1.0 / (1.0 + distance * distance / 8000.0));
}
