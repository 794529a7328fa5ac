package org.basin.engine.cuda;

import org.basin.engine.cuda.DeviceArena.Words;

/**
 * Tangents of several vectors through the batch normalisation before one node (Pearlmutter 1994).
 * The kernels, with the formulas, are those of {@code tangent_batchnorm.cu}.
 */
final class NormalizedTangents {
  private final ObjectiveData data;
  private final int node;
  private final int width;
  private final int gamma;
  private final Words unit; // R{x̂}, [vectors, rows, stride]
  private final Words forwardProduct; // Σ x̂ R{z}, [vectors, width], doubles
  private final Scratch scratch;

  /**
   * What all nodes use one after the other.
   *
   * @param parts {@link ObjectiveData#columnParts} doubles a vector
   * @param sum a double for every vector and unit
   * @param product as {@code sum}
   */
  record Scratch(Words parts, Words sum, Words product) {}

  /** Reserves the arrays of at most {@code vectors} at once. */
  NormalizedTangents(
      ObjectiveData data, int node, DeviceArena arena, int vectors, Scratch scratch) {
    this.data = data;
    this.node = node;
    this.scratch = scratch;
    width = data.width(node);
    gamma = data.layout().gamma(node - 1);
    unit = arena.reserve(vectors * data.block(node));
    forwardProduct = arena.reserveDoubles((long) vectors * width);
  }

  /**
   * Enqueues: t from R{z} to R{a}.
   *
   * @param u receives R{u} where it is not 0
   * @param v the vectors, {@code [vectors, P]}
   */
  void forward(
      ObjectiveWork work, long t, long u, LinearizedPoints at, Words v, ObjectiveBatch batch) {
    NormalizedPoints points = at.normalized(node);
    sums(work, t, points, 0, 0, forwardProduct, at.rows(), batch);
    work.kernels()
        .tangentNormalize()
        .launch(
            work.stream(),
            (long) at.rows() * data.stride(node),
            batch.count(),
            ObjectiveKernels.BLOCK,
            t,
            u,
            unit.address(),
            at.activations(node, batch),
            at.preActivations(node, batch),
            points.normalized(batch),
            batch.networks(),
            points.inverse(batch),
            points.statisticsStride(),
            at.parameters(batch),
            v.address(),
            data.layout().size(),
            gamma,
            scratch.sum.address(),
            forwardProduct.address(),
            data.share(at.rows()),
            data.activation(),
            at.rows(),
            data.rows(),
            width,
            data.stride(node));
  }

  private void sums(
      ObjectiveWork work,
      long x,
      NormalizedPoints points,
      long upstream,
      long units,
      Words product,
      int rows,
      ObjectiveBatch batch) {
    work.kernels()
        .columnSums()
        .launchBlocks(
            work.stream(),
            NormalizedPoints.columnBlocks(width, rows),
            batch.count(),
            ObjectiveKernels.BLOCK,
            0,
            x,
            points.normalized(batch),
            upstream,
            units,
            batch.networks(),
            scratch.parts.address(),
            rows,
            data.rows(),
            width,
            data.stride(node));
    work.kernels()
        .columnReduce()
        .launch(
            work.stream(),
            width,
            batch.count(),
            ObjectiveKernels.SMALL_BLOCK,
            scratch.parts.address(),
            scratch.sum.address(),
            product.address(),
            Math.ceilDiv(rows, ObjectiveKernels.SLAB),
            width);
  }

  /**
   * Enqueues: d from R{du} to R{dz}, and the products' parts of γ and β.
   *
   * @param products {@code [vectors, P]}
   * @param hessian whether with the terms in du
   */
  void backward(
      ObjectiveWork work,
      long d,
      LinearizedPoints at,
      Words v,
      Words products,
      ObjectiveBatch batch,
      boolean hessian) {
    NormalizedPoints points = at.normalized(node);
    long units = hessian ? unit.address() : 0;
    long upstream = hessian ? points.upstream(batch) : 0;
    sums(work, d, points, upstream, units, scratch.product, at.rows(), batch);
    work.kernels()
        .storeScales()
        .launch(
            work.stream(),
            width,
            batch.count(),
            ObjectiveKernels.SMALL_BLOCK,
            products.address(),
            scratch.sum.address(),
            scratch.product.address(),
            gamma,
            width,
            data.layout().size());
    work.kernels()
        .tangentNormalizeBackward()
        .launch(
            work.stream(),
            (long) at.rows() * data.stride(node),
            batch.count(),
            ObjectiveKernels.BLOCK,
            d,
            units,
            upstream,
            points.normalized(batch),
            batch.networks(),
            points.inverse(batch),
            points.statisticsStride(),
            at.parameters(batch),
            v.address(),
            data.layout().size(),
            gamma,
            scratch.sum.address(),
            scratch.product.address(),
            forwardProduct.address(),
            points.sum(batch),
            points.product(batch),
            data.share(at.rows()),
            at.rows(),
            data.rows(),
            width,
            data.stride(node));
  }
}
