// One parameter's step of each optimiser of org.basin.train.OptimizerKind; formulas and citations stand there.
//
// g      the mean gradient, clipped, without penalties
// rate   scheduled learning rate times the layer's multiplier
// keep   1 - rate * decay for weights (decoupled weight decay), 1 for biases, gamma, beta
// l2     coefficient of the penalty for weights, 0 for the others
// corrected  rate * sqrt(1 - beta2^t) / (1 - beta1^t): Adam's correction, computed on the host in double precision
//
// The numbers are those of org.basin.engine.cuda.KernelCodes.
#define SGD 0
#define HEAVY_BALL 1
#define NESTEROV 2
#define ADAM 3

// What a replica's optimiser is set to, [R] of these.
struct Hyperparameters {
  float momentum;
  float beta1;
  float beta2;
  float epsilon;
  float l2;
  float decay;
  float elementwise; // bound of |g_i|; infinite when there is none
  float global_norm; // bound of the norm of all g, after the elementwise one; infinite when there is none
};

// Partial sums that a gradient's norm is kept in.
#define PARTS 32

static __device__ __forceinline__ float clamp(float g, float bound) {
  return g > bound ? bound : g < -bound ? -bound : g; // a NaN stays one
}

// Moves *theta; first and second are the optimiser's state of this parameter, where it has any.
static __device__ __forceinline__ void optimizer_step(int kind, const Hyperparameters& h, bool weight, float rate,
                                                      float corrected, float g, float* theta, float* first,
                                                      float* second) {
  float before = *theta;
  if (weight) {
    g += h.l2 * before;
  }
  float kept = weight ? (1.0f - rate * h.decay) * before : before;
  switch (kind) {
    case SGD: *theta = kept - rate * g; break;
    case HEAVY_BALL: {
      float v = h.momentum * *first - rate * g;
      *first = v;
      *theta = kept + v;
      break;
    }
    case NESTEROV: {
      float last = *first;
      float v = h.momentum * last - rate * g;
      *first = v;
      *theta = kept - h.momentum * last + (1.0f + h.momentum) * v;
      break;
    }
    default: {
      float m = h.beta1 * *first + (1.0f - h.beta1) * g;
      float s = h.beta2 * *second + (1.0f - h.beta2) * g * g;
      *first = m;
      *second = s;
      *theta = kept - corrected * m / (sqrtf(s) + h.epsilon);
      break;
    }
  }
}
