package org.basin.engine.cuda;

import org.basin.engine.cuda.DeviceArena.Words;

/**
 * Batch normalisation before one node, at several points θ: x̂ and statistics, and what the
 * backward pass leaves for {@link NormalizedTangents}. The kernels, with the formulas, are those of
 * {@code tangent_batchnorm.cu}.
 */
final class NormalizedPoints {
  private final ObjectiveData data;
  private final int node;
  private final int width;
  private final int gamma;
  private final boolean derivatives;
  private final Words parts;
  private final Words mean; // [points, width], unless frozen
  private final Words inverse;
  private final Words sum; // [points, width]: of du, after the backward pass
  private final Words product; // of du x̂
  final Words normalized; // x̂, [points, rows, stride]
  final Words upstream; // du, [points, rows, stride]

  /**
   * Reserves the arrays.
   *
   * @param points most at once
   * @param derivatives whether more than outputs is asked for
   * @param parts {@link ObjectiveData#columnParts} doubles a point
   */
  NormalizedPoints(
      ObjectiveData data,
      int node,
      DeviceArena arena,
      int points,
      boolean derivatives,
      Words parts) {
    this.data = data;
    this.node = node;
    this.derivatives = derivatives;
    this.parts = parts;
    width = data.width(node);
    gamma = data.layout().gamma(node - 1);
    long statistics = data.frozen() ? 0 : (long) points * width;
    mean = arena.reserve(statistics);
    inverse = arena.reserve(statistics);
    sum = arena.reserveDoubles((long) points * width);
    product = arena.reserveDoubles((long) points * width);
    long values = derivatives ? points * data.block(node) : 0;
    normalized = arena.reserve(values);
    upstream = arena.reserve(values);
  }

  /** Address of s, {@link #statisticsStride} values from a point to the next. */
  long inverse() {
    return data.frozen() ? data.inverse(node) : inverse.address();
  }

  int statisticsStride() {
    return data.frozen() ? 0 : width;
  }

  long sum() {
    return sum.address();
  }

  long product() {
    return product.address();
  }

  /** Blocks of the kernels that sum over columns. */
  static int columnBlocks(int width, int rows) {
    return Math.ceilDiv(width, ObjectiveKernels.UNITS) * Math.ceilDiv(rows, ObjectiveKernels.SLAB);
  }

  /** Enqueues: a from z to φ(u); z receives u where it is not 0. */
  void forward(ObjectiveWork work, long a, long z, Words theta, int rows, int points) {
    ObjectiveKernels kernels = work.kernels();
    int stride = data.stride(node);
    if (!data.frozen()) {
      sumColumns(work, a, 0, 0, rows, points);
      statistics(work, mean.address(), 0, rows, points);
      kernels
          .columnSquares()
          .launchBlocks(
              work.stream(),
              columnBlocks(width, rows),
              points,
              ObjectiveKernels.BLOCK,
              0,
              a,
              mean.address(),
              parts.address(),
              rows,
              data.rows(),
              width,
              stride);
      reduce(work, rows, points);
      statistics(work, 0, inverse.address(), rows, points);
    }
    kernels
        .normalizePoints()
        .launch(
            work.stream(),
            (long) rows * stride,
            points,
            ObjectiveKernels.BLOCK,
            a,
            z,
            derivatives ? normalized.address() : 0L,
            data.frozen() ? data.mean(node) : mean.address(),
            inverse(),
            statisticsStride(),
            theta.address(),
            (long) data.layout().size(),
            gamma,
            data.activation(),
            rows,
            data.rows(),
            width,
            stride);
  }

  private void sumColumns(ObjectiveWork work, long x, long y, long point, int rows, int points) {
    work.kernels()
        .columnSums()
        .launchBlocks(
            work.stream(),
            columnBlocks(width, rows),
            points,
            ObjectiveKernels.BLOCK,
            0,
            x,
            y,
            0L,
            0L,
            point,
            parts.address(),
            rows,
            data.rows(),
            width,
            data.stride(node));
    reduce(work, rows, points);
  }

  private void reduce(ObjectiveWork work, int rows, int points) {
    work.kernels()
        .columnReduce()
        .launch(
            work.stream(),
            width,
            points,
            ObjectiveKernels.SMALL_BLOCK,
            parts.address(),
            sum.address(),
            product.address(),
            Math.ceilDiv(rows, ObjectiveKernels.SLAB),
            width);
  }

  private void statistics(ObjectiveWork work, long means, long inverses, int rows, int points) {
    work.kernels()
        .batchStatistics()
        .launch(
            work.stream(),
            width,
            points,
            ObjectiveKernels.SMALL_BLOCK,
            means,
            inverses,
            sum.address(),
            product.address(),
            rows,
            width);
  }

  /** Enqueues: delta from du to dz. */
  void backward(ObjectiveWork work, long delta, Words theta, int rows, int points) {
    sumColumns(work, delta, normalized.address(), data.block(node), rows, points);
    work.kernels()
        .normalizePointsBackward()
        .launch(
            work.stream(),
            (long) rows * data.stride(node),
            points,
            ObjectiveKernels.BLOCK,
            delta,
            upstream.address(),
            normalized.address(),
            inverse(),
            statisticsStride(),
            theta.address(),
            (long) data.layout().size(),
            gamma,
            sum.address(),
            product.address(),
            data.share(rows),
            rows,
            data.rows(),
            width,
            data.stride(node));
  }

  /** Enqueues: the derivatives by γ and β, after {@link #backward}, into {@code [points, P]}. */
  void gradient(ObjectiveWork work, Words gradients, int points) {
    work.kernels()
        .storeScales()
        .launch(
            work.stream(),
            width,
            points,
            ObjectiveKernels.SMALL_BLOCK,
            gradients.address(),
            sum.address(),
            product.address(),
            gamma,
            width,
            data.layout().size());
  }
}
