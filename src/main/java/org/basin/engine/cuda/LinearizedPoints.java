package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import org.basin.engine.cuda.DeviceArena.Words;
import org.basin.engine.cuda.Products.Matrices;
import org.jspecify.annotations.Nullable;

/**
 * An objective's network at several points θ on one chunk of its examples: forward and backward
 * pass, and what they leave for the tangents of any vectors.
 *
 * <pre>
 * forward      z_l [rows, out] = [a_{l-1}, 1] [rows, in+1]  [W_l; b_l] [in+1, out]
 * backward     da_{l-1} [rows, in] = dz_l [rows, out]  W_lᵀ [out, in]
 * gradient     d[W_l; b_l] [in+1, out] = [a_{l-1}, 1]ᵀ dz_l
 * </pre>
 *
 * <p>A layer's matrices are one batch over the points; the inputs are the same for all of them.
 */
final class LinearizedPoints {
  private final ObjectiveData data;
  private final Words theta;
  private final boolean derivatives;
  private final List<Words> a = new ArrayList<>(); // by node, [points, rows, stride]
  private final List<Words> z = new ArrayList<>(); // inputs of the activation, where needed
  private final List<Words> delta = new ArrayList<>(); // da, then dz
  private final List<Words> curve = new ArrayList<>(); // da φ'', where φ bends
  private final List<@Nullable NormalizedPoints> normalized = new ArrayList<>();
  private final Words parts; // sums of losses of a block, [points, blocks], doubles
  private final Words losses; // [points], doubles

  private int rows;
  private int chunk = -1; // computed last
  private int points;

  // What the arrays hold beside the forward pass.
  private long version = -1; // of the one point
  private boolean backwardDone;

  /**
   * Reserves the arrays.
   *
   * @param theta where the points are, {@code [most, P]}
   * @param most points at once
   * @param derivatives whether more than outputs and losses is asked for
   */
  LinearizedPoints(
      ObjectiveData data, DeviceArena arena, Words theta, int most, boolean derivatives) {
    this.data = data;
    this.theta = theta;
    this.derivatives = derivatives;
    Words columns = arena.reserveDoubles(most * data.columnParts());
    Words none = arena.reserve(0);
    for (int node = 0; node <= data.layers(); node++) {
      boolean output = node == data.layers();
      boolean hidden = node > 0 && !output;
      long values = most * data.block(node);
      a.add(hidden || output ? arena.reserve(values) : none);
      z.add(hidden && derivatives && data.needsInputs() ? arena.reserve(values) : none);
      delta.add((hidden || output) && derivatives ? arena.reserve(values) : none);
      curve.add(hidden && derivatives && data.bends() ? arena.reserve(values) : none);
      normalized.add(
          hidden && data.normalized(node)
              ? new NormalizedPoints(data, node, arena, most, derivatives, columns)
              : null);
    }
    parts = arena.reserveDoubles((long) most * lossBlocks(data.rows()));
    losses = arena.reserveDoubles(most);
  }

  private static int lossBlocks(int rows) {
    return Math.ceilDiv(rows, ObjectiveKernels.SMALL_BLOCK);
  }

  /** Enqueues that the nodes have their ones, which stay: what computes a node leaves them. */
  void initialize(ObjectiveWork work) {
    for (int node = 1; node < data.layers(); node++) {
      work.stream().fill(a.get(node), 1f);
    }
  }

  /** The points. */
  Words theta() {
    return theta;
  }

  /** Rows of the chunk computed last. */
  int rows() {
    return rows;
  }

  /** The chunk computed last. */
  int chunk() {
    return chunk;
  }

  /** Address of φ(.) at a node; of the softmax at the outputs. */
  long activations(int node) {
    return a.get(node).address();
  }

  /** Address of the activation's inputs; 0 where they are not needed. */
  long preActivations(int node) {
    return data.needsInputs() && derivatives ? z.get(node).address() : 0;
  }

  /** Address of da φ'', where φ bends. */
  long curve(int node) {
    return curve.get(node).address();
  }

  /** The normalisation before a node that has one. */
  NormalizedPoints normalized(int node) {
    NormalizedPoints layer = normalized.get(node);
    if (layer == null) {
      throw new IllegalArgumentException("node " + node + " is not normalised");
    }
    return layer;
  }

  /** Activations of a node; of the first point alone if shared. */
  Matrices inputs(int node, boolean shared) {
    return node == 0 ? data.inputs(chunk) : batch(a.get(node), node, shared);
  }

  /** dz of the layer before a node, after {@link #backward}. */
  Matrices deltas(int node, boolean shared) {
    return batch(delta.get(node), node, shared);
  }

  private Matrices batch(Words of, int node, boolean shared) {
    return new Matrices(of.address(), data.stride(node), shared ? 0 : data.block(node));
  }

  /** The outputs, {@code [points, rows, stride]}, after {@link #forward} alone. */
  Words outputs() {
    return a.getLast();
  }

  /** Sums of the losses of the chunk's examples, {@code [points]}, doubles. */
  Words losses() {
    return losses;
  }

  /** Enqueues the outputs at the first {@code count} points. */
  void forward(ObjectiveWork work, int ofChunk, int count) {
    chunk = ofChunk;
    points = count;
    rows = data.rows(chunk);
    version = -1;
    backwardDone = false;
    for (int l = 0; l < data.layers(); l++) {
      int node = l + 1;
      work.products()
          .multiply(
              false,
              false,
              rows,
              data.width(node),
              data.height(l),
              inputs(l, false),
              data.matrices(theta, l, false),
              false,
              batch(a.get(node), node, false),
              points);
      if (node == data.layers()) {
        return;
      }
      NormalizedPoints norm = normalized.get(node);
      if (norm != null) {
        norm.forward(work, activations(node), preActivations(node), theta, rows, points);
      } else {
        work.kernels()
            .activate()
            .launch(
                work.stream(),
                (long) rows * data.stride(node),
                points,
                ObjectiveKernels.BLOCK,
                activations(node),
                preActivations(node),
                data.activation(),
                rows,
                data.rows(),
                data.width(node),
                data.stride(node));
      }
    }
  }

  /**
   * Enqueues the losses, after {@link #forward}, and the derivatives by the outputs where they are
   * asked for.
   *
   * @param add whether {@link #losses} are added to
   */
  void loss(ObjectiveWork work, boolean add) {
    double off = data.options().labelSmoothing() / data.spec().outputs();
    int last = data.layers();
    int blocks = lossBlocks(rows);
    work.kernels()
        .loss()
        .launchBlocks(
            work.stream(),
            blocks,
            points,
            ObjectiveKernels.SMALL_BLOCK,
            0,
            activations(last),
            derivatives ? delta.get(last).address() : 0L,
            data.labels(chunk),
            parts.address(),
            KernelCodes.of(data.options().loss()),
            1 - data.options().labelSmoothing() + off,
            off,
            data.lossShare(),
            rows,
            data.rows(),
            data.width(last),
            data.stride(last));
    work.kernels()
        .sum()
        .launchBlocks(
            work.stream(),
            1,
            points,
            ObjectiveKernels.BLOCK,
            0,
            parts.address(),
            losses.address(),
            blocks,
            add ? 1 : 0);
  }

  /**
   * Enqueues everything that tangents need, unless that is what was made last.
   *
   * @param theVersion of the one point: changes when it does
   * @param withBackward whether the backward pass is needed too
   */
  void linearize(ObjectiveWork work, int ofChunk, long theVersion, boolean withBackward) {
    if (ofChunk != chunk || theVersion != version) {
      forward(work, ofChunk, 1);
      loss(work, false);
      version = theVersion;
    }
    if (withBackward && !backwardDone) {
      backward(work);
    }
  }

  /** Enqueues the backward pass, after {@link #loss}: all dz. */
  void backward(ObjectiveWork work) {
    for (int node = data.layers() - 1; node > 0; node--) {
      work.products()
          .multiply(
              false,
              true,
              rows,
              data.width(node),
              data.width(node + 1),
              deltas(node + 1, false),
              data.matrices(theta, node, false),
              false,
              deltas(node, false),
              points);
      work.kernels()
          .linearizeBackward()
          .launch(
              work.stream(),
              (long) rows * data.stride(node),
              points,
              ObjectiveKernels.BLOCK,
              delta.get(node).address(),
              data.bends() ? curve(node) : 0L,
              activations(node),
              preActivations(node),
              data.activation(),
              rows,
              data.rows(),
              data.width(node),
              data.stride(node));
      NormalizedPoints norm = normalized.get(node);
      if (norm != null) {
        norm.backward(work, delta.get(node).address(), theta, rows, points);
      }
    }
    backwardDone = true;
  }

  /** Enqueues the chunk's share of the mean loss's gradients, {@code [points, P]}. */
  void gradient(ObjectiveWork work, Words gradients) {
    for (int l = 0; l < data.layers(); l++) {
      work.products()
          .multiply(
              true,
              false,
              data.height(l),
              data.width(l + 1),
              rows,
              inputs(l, false),
              deltas(l + 1, false),
              false,
              data.matrices(gradients, l, false),
              points);
      NormalizedPoints norm = normalized.get(l + 1);
      if (norm != null) {
        norm.gradient(work, gradients, points);
      }
    }
  }
}
