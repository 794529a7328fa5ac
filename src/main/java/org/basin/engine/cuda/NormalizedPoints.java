package org.basin.engine.cuda;

import org.basin.engine.cuda.DeviceArena.Words;

/**
 * Batch normalisation before one node, at several points θ: x̂ and statistics, and what the
 * backward pass leaves for {@link NormalizedTangents}. The kernels, with the formulas, are those of
 * {@code tangent_batchnorm.cu}. Points have the places that {@link LinearizedPoints} gives them.
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
  private final Words normalized; // x̂, [points, rows, stride]
  private final Words upstream; // du, [points, rows, stride]

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

  private int place(ObjectiveBatch of) {
    return derivatives ? of.first() : 0;
  }

  private long at(Words units, ObjectiveBatch of) {
    return units.address((long) place(of) * width);
  }

  private long atDoubles(Words units, ObjectiveBatch of) {
    return units.address(2L * place(of) * width);
  }

  /** Address of s, {@link #statisticsStride} values from a point to the next. */
  long inverse(ObjectiveBatch of) {
    return data.frozen() ? data.inverse(of.first(), node) : at(inverse, of);
  }

  int statisticsStride() {
    return data.frozen() ? data.layout().statisticsSize() : width;
  }

  /** Address of the sums of du, after the backward pass. */
  long sum(ObjectiveBatch of) {
    return atDoubles(sum, of);
  }

  /** Address of the sums of du x̂. */
  long product(ObjectiveBatch of) {
    return atDoubles(product, of);
  }

  /** Address of x̂. */
  long normalized(ObjectiveBatch of) {
    return normalized.address(place(of) * data.block(node));
  }

  /** Address of du. */
  long upstream(ObjectiveBatch of) {
    return upstream.address(place(of) * data.block(node));
  }

  /** Blocks of the kernels that sum over columns. */
  static int columnBlocks(int width, int rows) {
    return Math.ceilDiv(width, ObjectiveKernels.UNITS) * Math.ceilDiv(rows, ObjectiveKernels.SLAB);
  }

  /** Enqueues: a from z to φ(u); z receives u where it is not 0. */
  void forward(ObjectiveWork work, long a, long z, long theta, int rows, ObjectiveBatch batch) {
    ObjectiveKernels kernels = work.kernels();
    int stride = data.stride(node);
    if (!data.frozen()) {
      sumColumns(work, a, 0, rows, batch);
      statistics(work, at(mean, batch), 0, rows, batch);
      kernels
          .columnSquares()
          .launchBlocks(
              work.stream(),
              columnBlocks(width, rows),
              batch.count(),
              ObjectiveKernels.BLOCK,
              0,
              a,
              at(mean, batch),
              parts.address(),
              rows,
              data.rows(),
              width,
              stride);
      reduce(work, rows, batch);
      statistics(work, 0, at(inverse, batch), rows, batch);
    }
    kernels
        .normalizePoints()
        .launch(
            work.stream(),
            (long) rows * stride,
            batch.count(),
            ObjectiveKernels.BLOCK,
            a,
            z,
            derivatives ? normalized(batch) : 0L,
            data.frozen() ? data.mean(batch.first(), node) : at(mean, batch),
            inverse(batch),
            statisticsStride(),
            data.frozen() ? batch.networks() : batch.count(),
            theta,
            data.layout().size(),
            gamma,
            data.activation(),
            rows,
            data.rows(),
            width,
            stride);
  }

  private void sumColumns(ObjectiveWork work, long x, long y, int rows, ObjectiveBatch batch) {
    work.kernels()
        .columnSums()
        .launchBlocks(
            work.stream(),
            columnBlocks(width, rows),
            batch.count(),
            ObjectiveKernels.BLOCK,
            0,
            x,
            y,
            0L,
            0L,
            batch.count(),
            parts.address(),
            rows,
            data.rows(),
            width,
            data.stride(node));
    reduce(work, rows, batch);
  }

  private void reduce(ObjectiveWork work, int rows, ObjectiveBatch batch) {
    work.kernels()
        .columnReduce()
        .launch(
            work.stream(),
            width,
            batch.count(),
            ObjectiveKernels.SMALL_BLOCK,
            parts.address(),
            sum(batch),
            product(batch),
            Math.ceilDiv(rows, ObjectiveKernels.SLAB),
            width);
  }

  private void statistics(
      ObjectiveWork work, long means, long inverses, int rows, ObjectiveBatch batch) {
    work.kernels()
        .batchStatistics()
        .launch(
            work.stream(),
            width,
            batch.count(),
            ObjectiveKernels.SMALL_BLOCK,
            means,
            inverses,
            sum(batch),
            product(batch),
            rows,
            width);
  }

  /** Enqueues: delta from du to dz. */
  void backward(ObjectiveWork work, long delta, long theta, int rows, ObjectiveBatch batch) {
    sumColumns(work, delta, normalized(batch), rows, batch);
    work.kernels()
        .normalizePointsBackward()
        .launch(
            work.stream(),
            (long) rows * data.stride(node),
            batch.count(),
            ObjectiveKernels.BLOCK,
            delta,
            upstream(batch),
            normalized(batch),
            inverse(batch),
            statisticsStride(),
            theta,
            data.layout().size(),
            gamma,
            sum(batch),
            product(batch),
            data.share(rows),
            rows,
            data.rows(),
            width,
            data.stride(node));
  }

  /** Enqueues: the derivatives by γ and β, after {@link #backward}, into {@code [networks, P]}. */
  void gradient(ObjectiveWork work, Words gradients, ObjectiveBatch batch) {
    work.kernels()
        .storeScales()
        .launch(
            work.stream(),
            width,
            batch.count(),
            ObjectiveKernels.SMALL_BLOCK,
            gradients.address(),
            sum(batch),
            product(batch),
            gamma,
            width,
            data.layout().size());
  }
}
