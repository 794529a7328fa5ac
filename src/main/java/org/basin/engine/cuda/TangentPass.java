package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import org.basin.engine.cuda.DeviceArena.Words;
import org.basin.engine.cuda.Products.Matrices;
import org.jspecify.annotations.Nullable;

/**
 * Curvature-vector products: of several vectors at one point, or of one vector each at several
 * points. Tangents R{.} (Pearlmutter 1994) stand vector after vector, {@code [vectors, rows,
 * stride]}; a layer's matrices are one batch over the vectors.
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
  private final Words total; // [most, P], doubles

  /** Reserves the arrays for at most {@code most} vectors at once. */
  TangentPass(ObjectiveData data, DeviceArena arena, int most) {
    this.data = data;
    long size = data.layout().size();
    vectors = arena.reserve(most * size);
    products = arena.reserve(most * size);
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

  private Matrices tangents(int node) {
    return new Matrices(tangent.get(node).address(), data.stride(node), data.block(node));
  }

  private Matrices deltas(int node) {
    return node == data.layers()
        ? tangents(node)
        : new Matrices(delta.get(node % 2).address(), data.stride(node), data.block(node));
  }

  /**
   * Enqueues a chunk's share of H v or G v, added to what other chunks had.
   *
   * @param at the chunk's passes; with the backward pass for H v
   * @param shared whether all vectors are of the first point, not each of its own
   * @param count number of vectors
   */
  void add(
      ObjectiveWork work,
      LinearizedPoints at,
      boolean shared,
      int count,
      boolean hessian,
      boolean first) {
    forward(work, at, shared, count);
    int last = data.layers();
    work.kernels()
        .curvature()
        .launch(
            work.stream(),
            at.rows(),
            count,
            ObjectiveKernels.SMALL_BLOCK,
            tangent.get(last).address(),
            at.activations(last),
            shared ? 0L : data.block(last),
            data.labels(at.chunk()),
            KernelCodes.of(data.options().loss()),
            data.lossShare(),
            at.rows(),
            data.rows(),
            data.width(last),
            data.stride(last));
    backward(work, at, shared, count, hessian);
    accumulate(work, products, count, first);
  }

  /** Enqueues: R{f} = J v into the outputs' tangents. */
  private void forward(ObjectiveWork work, LinearizedPoints at, boolean shared, int count) {
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
                tangents(l),
                data.matrices(at.theta(), l, shared),
                false,
                tangents(node),
                count);
      }
      work.products()
          .multiply(
              false,
              false,
              at.rows(),
              data.width(node),
              data.height(l),
              at.inputs(l, shared),
              data.matrices(vectors, l, false),
              l > 0,
              tangents(node),
              count);
      if (node < data.layers()) {
        activation(work, at, node, shared, count);
      }
    }
  }

  private void activation(
      ObjectiveWork work, LinearizedPoints at, int node, boolean shared, int count) {
    long t = tangent.get(node).address();
    long u = data.bends() ? tangentInput.get(node).address() : 0;
    NormalizedTangents norm = normalized.get(node);
    if (norm != null) {
      norm.forward(work, t, u, at, vectors, shared, count);
      return;
    }
    work.kernels()
        .tangentActivate()
        .launch(
            work.stream(),
            (long) at.rows() * data.stride(node),
            count,
            ObjectiveKernels.BLOCK,
            t,
            u,
            at.activations(node),
            at.preActivations(node),
            shared ? 0L : data.block(node),
            data.activation(),
            at.rows(),
            data.rows(),
            data.width(node),
            data.stride(node));
  }

  /** Enqueues: from R{df} down to the first layer; products are this chunk's. */
  private void backward(
      ObjectiveWork work, LinearizedPoints at, boolean shared, int count, boolean hessian) {
    for (int l = data.layers() - 1; l >= 0; l--) {
      product(work, at, l, shared, count, hessian);
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
              deltas(l + 1),
              data.matrices(at.theta(), l, shared),
              false,
              deltas(l),
              count);
      if (hessian) {
        work.products()
            .multiply(
                false,
                true,
                at.rows(),
                data.width(l),
                data.width(l + 1),
                at.deltas(l + 1, shared),
                data.matrices(vectors, l, false),
                true,
                deltas(l),
                count);
      }
      activationBackward(work, at, l, shared, count, hessian);
    }
  }

  /** Enqueues the product of layer {@code l}'s matrix. */
  private void product(
      ObjectiveWork work, LinearizedPoints at, int l, boolean shared, int count, boolean hessian) {
    work.products()
        .multiply(
            true,
            false,
            data.height(l),
            data.width(l + 1),
            at.rows(),
            at.inputs(l, shared),
            deltas(l + 1),
            false,
            data.matrices(products, l, false),
            count);
    if (hessian && l > 0) {
      work.products()
          .multiply(
              true,
              false,
              data.width(l),
              data.width(l + 1),
              at.rows(),
              tangents(l),
              at.deltas(l + 1, shared),
              true,
              data.matrices(products, l, false),
              count);
    }
  }

  private void activationBackward(
      ObjectiveWork work,
      LinearizedPoints at,
      int node,
      boolean shared,
      int count,
      boolean hessian) {
    boolean curved = hessian && data.bends();
    long d = delta.get(node % 2).address();
    work.kernels()
        .tangentActivateBackward()
        .launch(
            work.stream(),
            (long) at.rows() * data.stride(node),
            count,
            ObjectiveKernels.BLOCK,
            d,
            curved ? tangentInput.get(node).address() : 0L,
            curved ? at.curve(node) : 0L,
            at.activations(node),
            at.preActivations(node),
            shared ? 0L : data.block(node),
            data.activation(),
            at.rows(),
            data.rows(),
            data.width(node),
            data.stride(node));
    NormalizedTangents norm = normalized.get(node);
    if (norm != null) {
      norm.backward(work, d, at, vectors, products, shared, count, hessian);
    }
  }

  /**
   * Enqueues: a chunk's gradient at the one point of {@code at}, added to what other chunks had.
   */
  void addGradient(ObjectiveWork work, LinearizedPoints at, boolean first) {
    at.gradient(work, products);
    accumulate(work, products, 1, first);
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
   * @param x {@code [count, P]}: the vectors, or θ for a gradient
   */
  void finish(ObjectiveWork work, Words x, int count) {
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
              x.address(),
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
