// cuBLAS's single-precision products: C = alpha op(A) op(B) + beta C, column-major.
//
// Stricter than cuBLAS: a product runs when its stream does, and touches no element that it should not.
// As cuBLAS: sizes and leading dimensions are checked when it is called; with beta = 0 C is not read.
// Not modelled: TF32 (every product is float, with float sums in the order of k), workspaces, algorithms.

#include <algorithm>

#include "emulator.h"

namespace emulator {
namespace {

enum Status {
  STATUS_SUCCESS = 0,
  STATUS_NOT_INITIALIZED = 1,
  STATUS_ALLOC_FAILED = 3,
  STATUS_INVALID_VALUE = 7,
  STATUS_EXECUTION_FAILED = 13,
  STATUS_INTERNAL_ERROR = 14,
  STATUS_NOT_SUPPORTED = 15
};

struct Matrix {
  const float* at;
  int leading;
  bool transposed;
};

// op(X) of rows x columns, as columns without gaps.
void pack(const Matrix& x, int rows, int columns, std::vector<float>& to) {
  to.resize(size_t(rows) * columns);
  for (int j = 0; j < columns; j++) {
    for (int i = 0; i < rows; i++) {
      to[size_t(j) * rows + i] = x.transposed ? x.at[size_t(i) * x.leading + j] : x.at[size_t(j) * x.leading + i];
    }
  }
}

// sums[c][i] += a[i] b[c] for four columns of the product
__attribute__((target_clones("arch=haswell", "default"))) void addColumn(int rows, const float* __restrict__ a,
                                                                         const float* b, float* __restrict__ s0,
                                                                         float* __restrict__ s1,
                                                                         float* __restrict__ s2,
                                                                         float* __restrict__ s3) {
  float b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3];
  for (int i = 0; i < rows; i++) {
    float x = a[i];
    s0[i] += x * b0;
    s1[i] += x * b1;
    s2[i] += x * b2;
    s3[i] += x * b3;
  }
}

void multiply(int m, int n, int k, float alpha, const Matrix& a, const Matrix& b, float beta, float* c, int ldc) {
  thread_local std::vector<float> left, right, sums;
  pack(a, m, k, left);
  // Four columns of op(B) side by side, with zeros behind the last.
  int groups = (n + 3) / 4;
  right.assign(size_t(groups) * 4 * k, 0.0f);
  for (int j = 0; j < n; j++) {
    for (int p = 0; p < k; p++) {
      right[(size_t(j / 4) * k + p) * 4 + j % 4] =
          b.transposed ? b.at[size_t(p) * b.leading + j] : b.at[size_t(j) * b.leading + p];
    }
  }
  for (int group = 0; group < groups; group++) {
    sums.assign(size_t(m) * 4, 0.0f);
    float* s = sums.data();
    for (int p = 0; p < k; p++) {
      addColumn(m, left.data() + size_t(p) * m, right.data() + (size_t(group) * k + p) * 4, s, s + m, s + 2 * size_t(m),
                s + 3 * size_t(m));
    }
    for (int j = 4 * group; j < std::min(n, 4 * group + 4); j++) {
      float* column = c + size_t(j) * ldc;
      for (int i = 0; i < m; i++) {
        float product = alpha * s[size_t(j % 4) * m + i];
        column[i] = beta == 0.0f ? product : product + beta * column[i];
      }
    }
  }
}

int translated(int code) {
  switch (code) {
    case SUCCESS: return STATUS_SUCCESS;
    case OUT_OF_MEMORY: return STATUS_ALLOC_FAILED;
    case NOT_INITIALIZED:
    case INVALID_CONTEXT: return STATUS_NOT_INITIALIZED;
    default: return STATUS_EXECUTION_FAILED;
  }
}

Products* find(void* handle) {
  auto found = state().products.find(handle);
  return found == state().products.end() ? nullptr : found->second.get();
}

}  // namespace
}  // namespace emulator

using namespace emulator;

// A planned failure has cuBLAS's own numbers; a device that is lost, or a context that is not there, not.
#define ENTER()                                                   \
  if (int failure = planned(__func__)) {                          \
    return failure;                                               \
  }                                                               \
  if (int failure = enter("", true)) {                            \
    return translated(failure);                                   \
  }                                                               \
  std::lock_guard<std::mutex> guard(state().lock)

EXPORT int cublasCreate_v2(void** handle) {
  ENTER();
  if (int code = unsafeWhileCapturing()) {
    return translated(code);
  }
  auto made = std::make_shared<Products>();
  made->device = currentDevice();
  *handle = made.get();
  state().products[made.get()] = made;
  return STATUS_SUCCESS;
}

EXPORT int cublasDestroy_v2(void* handle) {
  ENTER();
  if (int code = unsafeWhileCapturing()) {
    return translated(code);
  }
  return state().products.erase(handle) == 1 ? STATUS_SUCCESS : STATUS_NOT_INITIALIZED;
}

EXPORT int cublasGetProperty(int type, int* value) {
  if (int failure = planned(__func__)) {
    return failure;
  }
  const int version[] = {13, 0, 0};
  if (type < 0 || type > 2) {
    return STATUS_INVALID_VALUE;
  }
  *value = version[type];
  return STATUS_SUCCESS;
}

EXPORT int cublasSetStream_v2(void* handle, void* stream) {
  ENTER();
  Products* found = find(handle);
  if (found == nullptr) {
    return STATUS_NOT_INITIALIZED;
  }
  if (streamOf(stream) == nullptr) {
    return STATUS_INVALID_VALUE;
  }
  found->stream = stream;
  return STATUS_SUCCESS;
}

EXPORT int cublasSetMathMode(void* handle, int mode) {
  ENTER();
  if (find(handle) == nullptr) {
    return STATUS_NOT_INITIALIZED;
  }
  // Default, tensor operations, pedantic, TF32, BF16x9; and 16, no sums of reduced precision.
  bool known = (mode & ~16) >= 0 && (mode & ~16) <= 4;
  return known ? STATUS_SUCCESS : STATUS_INVALID_VALUE;
}

EXPORT int cublasSetWorkspace_v2(void* handle, void* workspace, size_t bytes) {
  ENTER();
  Products* found = find(handle);
  if (found == nullptr) {
    return STATUS_NOT_INITIALIZED;
  }
  auto address = reinterpret_cast<uintptr_t>(workspace);
  bool good = bytes == 0 || (address % 256 == 0 && holds(found->device, address, bytes));
  return good ? STATUS_SUCCESS : STATUS_INVALID_VALUE;
}

EXPORT int cublasSgemmStridedBatched(void* handle, int transA, int transB, int m, int n, int k, const float* alpha,
                                     const float* a, int lda, long long strideA, const float* b, int ldb,
                                     long long strideB, const float* beta, float* c, int ldc, long long strideC,
                                     int batches) {
  ENTER();
  Products* found = find(handle);
  if (found == nullptr) {
    return STATUS_NOT_INITIALIZED;
  }
  bool ta = transA != 0, tb = transB != 0;
  if (transA < 0 || transA > 2 || transB < 0 || transB > 2 || m < 0 || n < 0 || k < 0 || batches < 0 ||
      lda < std::max(1, ta ? k : m) || ldb < std::max(1, tb ? n : k) || ldc < std::max(1, m)) {
    return STATUS_INVALID_VALUE;
  }
  if (m == 0 || n == 0 || batches == 0) {
    return STATUS_SUCCESS;
  }
  if (alpha == nullptr || beta == nullptr || c == nullptr || (k > 0 && (a == nullptr || b == nullptr))) {
    return STATUS_INVALID_VALUE;
  }
  auto stream = streamOf(found->stream);
  if (stream == nullptr || found->device != currentDevice()) {
    return STATUS_EXECUTION_FAILED;
  }
  int device = found->device;
  float scale = *alpha, keep = *beta;
  countLaunch("cublasSgemm");
  int code = enqueue(stream, [=] {
    {
      std::lock_guard<std::mutex> again(state().lock);
      auto inside = [device](const float* at, int leading, int rows, int columns) {
        size_t elements = rows == 0 || columns == 0 ? 0 : size_t(columns - 1) * leading + rows;
        return elements == 0 || holds(device, reinterpret_cast<uintptr_t>(at), 4 * elements);
      };
      for (int i = 0; i < batches; i++) {
        if (!inside(a + i * strideA, lda, ta ? k : m, ta ? m : k) ||
            !inside(b + i * strideB, ldb, tb ? n : k, tb ? k : n) || !inside(c + i * strideC, ldc, m, n)) {
          say("cublasSgemm: matrix " + std::to_string(i) + " of the batch reaches out of an allocation");
          return static_cast<int>(ILLEGAL_ADDRESS);
        }
      }
    }
    for (int i = 0; i < batches; i++) {
      multiply(m, n, k, scale, {a + i * strideA, lda, ta}, {b + i * strideB, ldb, tb}, keep, c + i * strideC, ldc);
    }
    return static_cast<int>(SUCCESS);
  });
  return translated(code);
}

EXPORT int cublasSgemm_v2(void* handle, int transA, int transB, int m, int n, int k, const float* alpha,
                          const float* a, int lda, const float* b, int ldb, const float* beta, float* c, int ldc) {
  if (int failure = planned(__func__)) {
    return failure;
  }
  return cublasSgemmStridedBatched(handle, transA, transB, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
}

EXPORT const char* cublasGetStatusString(int status) {
  switch (status) {
    case STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case 8: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case 11: return "CUBLAS_STATUS_MAPPING_ERROR";
    case STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case STATUS_INTERNAL_ERROR: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    case 16: return "CUBLAS_STATUS_LICENSE_ERROR";
    default: return "unknown";
  }
}
