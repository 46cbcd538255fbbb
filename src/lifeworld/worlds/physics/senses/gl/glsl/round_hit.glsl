// What a pixel's ray hits of a ball, cylinder or capsule: solved, not tessellated. The ray runs from a point behind the thing
// towards the eye, so that all numbers are of the thing's own size; the hit is the last before the eye, the first seen from it.

const float SPHERE = 2.0, CAPSULE = 3.0, ELLIPSOID = 4.0, CYLINDER = 5.0;
const float NEVER = -1e30;

flat in int which;
flat in vec4 x_row, y_row, z_row, shape;
flat in vec3 eye;
in vec3 behind;
#ifdef COLOUR
flat in vec4 tint, cloth;
#endif

struct Hit { float depth; vec3 normal; };

vec3 own, own_normal;

// The two s at which start + s ahead meets a ball of these radii about the origin, the greater first; NEVER if it does not.
vec2 on_ball(vec3 start, vec3 ahead, vec3 radii) {
    vec3 q = start / radii, e = ahead / radii;
    float a = dot(e, e), b = dot(q, e), root = b * b - a * (dot(q, q) - 1.0);
    return root < 0.0 ? vec2(NEVER) : vec2(sqrt(root) - b, -sqrt(root) - b) / a;
}

Hit hit() {
#ifdef PARALLEL
    vec3 ahead = eye;
    float most = 1e30;
#else
    vec3 to_eye = eye - behind;
    float most = length(to_eye);
    vec3 ahead = to_eye / most;
#endif
    float radius = shape.x, half_height = shape.y, at = NEVER;
    if (shape.w == SPHERE || shape.w == ELLIPSOID) {
        vec3 radii = shape.w == SPHERE ? shape.xxx : shape.xyz;
        vec2 both = on_ball(behind, ahead, radii);
        at = both.x <= most ? both.x : (both.y <= most ? both.y : NEVER);
        own = behind + at * ahead;
        own_normal = normalize(own / (radii * radii));
    } else {
        float a = max(dot(ahead.xy, ahead.xy), 1e-14), b = dot(behind.xy, ahead.xy);
        float root = b * b - a * (dot(behind.xy, behind.xy) - radius * radius);
        if (root >= 0.0) {
            root = sqrt(root);
            float last = (root - b) / a, first = (-root - b) / a;
            if (shape.w == CYLINDER) {
                float slope = 1.0 / (ahead.z + (ahead.z == 0.0 ? 1e-20 : 0.0));
                float low = (-half_height - behind.z) * slope, high = (half_height - behind.z) * slope;
                float leave = min(last, max(low, high)), enter = max(first, min(low, high));
                if (leave >= enter) at = leave <= most ? leave : (enter <= most ? enter : NEVER);
                own = behind + at * ahead;
                bool side = at == last || at == first;
                own_normal = side ? vec3(normalize(own.xy), 0.0) : vec3(0.0, 0.0, sign(own.z));
            } else {
                if (last <= most && abs(behind.z + last * ahead.z) <= half_height) at = last;
                if (first <= most && abs(behind.z + first * ahead.z) <= half_height) at = max(at, first);
                // A ball at an end counts only beyond the end: within, it is inside the capsule.
                for (float end = -1.0; end <= 1.0; end += 2.0) {
                    vec3 start = behind - vec3(0.0, 0.0, end * half_height);
                    vec2 both = on_ball(start, ahead, vec3(radius));
                    if (both.x <= most && end * (start.z + both.x * ahead.z) >= 0.0) at = max(at, both.x);
                    if (both.y <= most && end * (start.z + both.y * ahead.z) >= 0.0) at = max(at, both.y);
                }
                own = behind + at * ahead;
                own_normal = normalize(own - vec3(0.0, 0.0, clamp(own.z, -half_height, half_height)));
            }
        }
    }
    if (at == NEVER) discard;
    vec3 normal = vec3(dot(x_row.xyz, own_normal), dot(y_row.xyz, own_normal), dot(z_row.xyz, own_normal));
    return Hit(dot(z_row, vec4(own, 1.0)), dot(own_normal, ahead) < 0.0 ? -normal : normal);  // turned where seen from inside
}

#ifdef COLOUR
vec3 thing_normal() { return own_normal; }
vec3 lit_normal(Hit here) { return here.normal; }
#endif
