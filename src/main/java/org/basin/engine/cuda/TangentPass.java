package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import org.basin.engine.cuda.DeviceArena.Words;
import org.basin.engine.cuda.Products.Lanes;
import org.jspecify.annotations.Nullable;

/**
 * Curvature-vector products of several vectors at each network's point. Tangents R{.} (Pearlmutter
 * 1994) stand vector after vector, {@code [lanes, networks, rows, stride]} by the {@link
 * ObjectiveBatch}; a layer's matrices are one batch over the vectors.
 *
 * <pre>
 * forward      R{z_l} = R{a_{l-1}} W_l + [a_{l-1}, 1] [V_l; v_l]
 *              R{a_l} = φ' R{u_l}
 * outputs      R{df} = H_ℓ R{f}
 * backward     R{du_l} = R{da_l} φ' + da_l φ'' R{u_l}
 *              R{d[W_l; b_l]} = [a_{l-1}, 1]ᵀ R{dz_l} + [R{a_{l-1}}, 0]ᵀ dz_l
 *              R{da_{l-1}} = R{dz_l} W_lᵀ + dz_l V_lᵀ
 * </pre>
 *
 * A Gauss–Newton product leaves out every term with d., the derivatives of the loss (Schraudolph
 * 2002).
 */
final class TangentPass {
  private final ObjectiveData data;
  private final List<Words> tangent = new ArrayList<>(); // R{a} by node
  private final List<Words> tangentInput = new ArrayList<>(); // R{u}, where φ bends
  private final List<@Nullable NormalizedTangents> normalized = new ArrayList<>();
  private final List<Words> delta; // R{da}, then R{dz}; neighbouring nodes take turns
  private final Words vectors; // v, [most, P]
  private final Words products; // a chunk's, then all, [most, P]
  private final Words aside; // products of another kind, [most, P]
  private final Words total; // [most, P], doubles

  /** Reserves the arrays for at most {@code most} vectors at once. */
  TangentPass(ObjectiveData data, DeviceArena arena, int most) {
    this.data = data;
    long size = data.layout().size();
    vectors = arena.reserve(most * size);
    products = arena.reserve(most * size);
    aside = arena.reserve(most * size);
    total = arena.reserveDoubles(most * size);
    delta =
        List.of(
            arena.reserve(most * data.largestBlock()), arena.reserve(most * data.largestBlock()));
    long units = data.spec().batchNorm() ? (long) most * data.spec().width() : 0;
    NormalizedTangents.Scratch scratch =
        new NormalizedTangents.Scratch(
            arena.reserveDoubles(most * data.columnParts()),
            arena.reserveDoubles(units),
            arena.reserveDoubles(units));
    Words none = arena.reserve(0);
    for (int node = 0; node <= data.layers(); node++) {
      boolean hidden = node > 0 && node < data.layers();
      long values = most * data.block(node);
      tangent.add(node > 0 ? arena.reserve(values) : none);
      tangentInput.add(hidden && data.bends() ? arena.reserve(values) : none);
      normalized.add(
          hidden && data.normalized(node)
              ? new NormalizedTangents(data, node, arena, most, scratch)
              : null);
    }
  }

  /** Where the vectors belong, {@code [most, P]}. */
  Words vectors() {
    return vectors;
  }

  /** The products, after {@link #finish}, {@code [most, P]}. */
  Words products() {
    return products;
  }

  /** Where {@link #putAside} puts products, {@code [most, P]}. */
  Words aside() {
    return aside;
  }

  /** Enqueues: the first products are kept beside those that come. */
  void putAside(ObjectiveWork work, int count) {
    work.stream().copy(aside.address(), products.address(), (long) count * data.layout().size());
  }

  private Lanes tangents(int node, ObjectiveBatch batch) {
    return vectors(tangent.get(node), node, batch);
  }

  private Lanes deltas(int node, ObjectiveBatch batch) {
    return node == data.layers()
        ? tangents(node, batch)
        : vectors(delta.get(node % 2), node, batch);
  }

  private Lanes vectors(Words values, int node, ObjectiveBatch batch) {
    long block = data.block(node);
    return new Lanes(values.address(), data.stride(node), block, batch.networks() * block);
  }

  /**
   * Enqueues a chunk's share of H v or G v, added to what other chunks had.
   *
   * @param at the chunk's passes; with the backward pass for H v
   * @param batch whose vectors they are
   */
  void add(
      ObjectiveWork work,
      LinearizedPoints at,
      ObjectiveBatch batch,
      boolean hessian,
      boolean first) {
    forward(work, at, batch);
    int last = data.layers();
    work.kernels()
        .curvature()
        .launch(
            work.stream(),
            at.rows(),
            batch.count(),
            ObjectiveKernels.SMALL_BLOCK,
            tangent.get(last).address(),
            at.activations(last, batch),
            batch.networks(),
            data.labels(batch.first(), at.chunk()),
            data.examples(),
            KernelCodes.of(data.options().loss()),
            data.lossShare(),
            at.rows(),
            data.rows(),
            data.width(last),
            data.stride(last));
    backward(work, at, batch, hessian);
    accumulate(work, products, batch.count(), first);
  }

  /** Enqueues: R{f} = J v into the outputs' tangents. */
  private void forward(ObjectiveWork work, LinearizedPoints at, ObjectiveBatch batch) {
    for (int l = 0; l < data.layers(); l++) {
      int node = l + 1;
      if (l > 0) {
        work.products()
            .multiply(
                false,
                false,
                at.rows(),
                data.width(node),
                data.width(l),
                tangents(l, batch),
                data.pointMatrices(at.theta(), l, batch),
                false,
                tangents(node, batch),
                batch);
      }
      work.products()
          .multiply(
              false,
              false,
              at.rows(),
              data.width(node),
              data.height(l),
              at.inputs(l, batch),
              data.matrices(vectors, l, batch),
              l > 0,
              tangents(node, batch),
              batch);
      if (node < data.layers()) {
        activation(work, at, node, batch);
      }
    }
  }

  private void activation(ObjectiveWork work, LinearizedPoints at, int node, ObjectiveBatch batch) {
    long t = tangent.get(node).address();
    long u = data.bends() ? tangentInput.get(node).address() : 0;
    NormalizedTangents norm = normalized.get(node);
    if (norm != null) {
      norm.forward(work, t, u, at, vectors, batch);
      return;
    }
    work.kernels()
        .tangentActivate()
        .launch(
            work.stream(),
            (long) at.rows() * data.stride(node),
            batch.count(),
            ObjectiveKernels.BLOCK,
            t,
            u,
            at.activations(node, batch),
            at.preActivations(node, batch),
            batch.networks(),
            data.activation(),
            at.rows(),
            data.rows(),
            data.width(node),
            data.stride(node));
  }

  /** Enqueues: from R{df} down to the first layer; products are this chunk's. */
  private void backward(
      ObjectiveWork work, LinearizedPoints at, ObjectiveBatch batch, boolean hessian) {
    for (int l = data.layers() - 1; l >= 0; l--) {
      product(work, at, l, batch, hessian);
      if (l == 0) {
        return;
      }
      work.products()
          .multiply(
              false,
              true,
              at.rows(),
              data.width(l),
              data.width(l + 1),
              deltas(l + 1, batch),
              data.pointMatrices(at.theta(), l, batch),
              false,
              deltas(l, batch),
              batch);
      if (hessian) {
        work.products()
            .multiply(
                false,
                true,
                at.rows(),
                data.width(l),
                data.width(l + 1),
                at.deltas(l + 1, batch),
                data.matrices(vectors, l, batch),
                true,
                deltas(l, batch),
                batch);
      }
      activationBackward(work, at, l, batch, hessian);
    }
  }

  /** Enqueues the product of layer {@code l}'s matrix. */
  private void product(
      ObjectiveWork work, LinearizedPoints at, int l, ObjectiveBatch batch, boolean hessian) {
    work.products()
        .multiply(
            true,
            false,
            data.height(l),
            data.width(l + 1),
            at.rows(),
            at.inputs(l, batch),
            deltas(l + 1, batch),
            false,
            data.matrices(products, l, batch),
            batch);
    if (hessian && l > 0) {
      work.products()
          .multiply(
              true,
              false,
              data.width(l),
              data.width(l + 1),
              at.rows(),
              tangents(l, batch),
              at.deltas(l + 1, batch),
              true,
              data.matrices(products, l, batch),
              batch);
    }
  }

  private void activationBackward(
      ObjectiveWork work, LinearizedPoints at, int node, ObjectiveBatch batch, boolean hessian) {
    boolean curved = hessian && data.bends();
    long d = delta.get(node % 2).address();
    work.kernels()
        .tangentActivateBackward()
        .launch(
            work.stream(),
            (long) at.rows() * data.stride(node),
            batch.count(),
            ObjectiveKernels.BLOCK,
            d,
            curved ? tangentInput.get(node).address() : 0L,
            curved ? at.curve(node, batch) : 0L,
            at.activations(node, batch),
            at.preActivations(node, batch),
            batch.networks(),
            data.activation(),
            at.rows(),
            data.rows(),
            data.width(node),
            data.stride(node));
    NormalizedTangents norm = normalized.get(node);
    if (norm != null) {
      norm.backward(work, d, at, vectors, products, batch, hessian);
    }
  }

  /**
   * Enqueues: a chunk's gradients at the points of {@code at}, added to what other chunks had.
   *
   * @param batch whose, with one lane
   */
  void addGradients(ObjectiveWork work, LinearizedPoints at, ObjectiveBatch batch, boolean first) {
    at.gradient(work, products, batch);
    accumulate(work, products, batch.count(), first);
  }

  private void accumulate(ObjectiveWork work, Words part, int count, boolean first) {
    work.kernels()
        .accumulate()
        .launch(
            work.stream(),
            data.layout().size(),
            count,
            ObjectiveKernels.BLOCK,
            total.address(),
            part.address(),
            data.layout().size(),
            first ? 0 : 1);
  }

  /**
   * Enqueues: the totals over all chunks, with c x on the weights, into {@link #products}.
   *
   * @param x address of {@code [count, P]}: the vectors, or θ for gradients
   */
  void finish(ObjectiveWork work, long x, int count) {
    int size = data.layout().size();
    for (int l = 0; l < data.layers() && data.options().l2() > 0; l++) {
      int weights = data.width(l) * data.width(l + 1);
      work.kernels()
          .penalize()
          .launch(
              work.stream(),
              weights,
              count,
              ObjectiveKernels.BLOCK,
              total.address(),
              x,
              data.options().l2(),
              data.layout().weight(l),
              weights,
              size);
    }
    work.kernels()
        .narrow()
        .launch(
            work.stream(),
            size,
            count,
            ObjectiveKernels.BLOCK,
            products.address(),
            total.address(),
            size);
  }
}
