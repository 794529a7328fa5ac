package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.basin.engine.cuda.DeviceArena.Words;
import org.basin.engine.cuda.Products.Lanes;
import org.jspecify.annotations.Nullable;

/**
 * An objective's networks at points θ on one chunk of their examples: forward and backward pass,
 * and what they leave for the tangents of any vectors.
 *
 * <pre>
 * forward      z_l [rows, out] = [a_{l-1}, 1] [rows, in+1]  [W_l; b_l] [in+1, out]
 * backward     da_{l-1} [rows, in] = dz_l [rows, out]  W_lᵀ [out, in]
 * gradient     d[W_l; b_l] [in+1, out] = [a_{l-1}, 1]ᵀ dz_l
 * </pre>
 *
 * <p>A layer's matrices are one batch over the points. With derivatives, a network has one point,
 * and its place in the arrays whoever takes part; without, the points of a batch stand one behind
 * the other.
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
  private ObjectiveBatch batch = new ObjectiveBatch(0, 1, 1); // computed last

  // What the arrays hold of each network's point beside the forward pass.
  private final long[] version;
  private final boolean[] backwardDone;

  /**
   * Reserves the arrays.
   *
   * @param theta where the points are: {@code [R, P]}, or {@code [most, P]} without derivatives
   * @param most points at once
   * @param derivatives whether more than outputs and losses is asked for
   */
  LinearizedPoints(
      ObjectiveData data, DeviceArena arena, Words theta, int most, boolean derivatives) {
    this.data = data;
    this.theta = theta;
    this.derivatives = derivatives;
    version = new long[data.networks()];
    backwardDone = new boolean[data.networks()];
    Arrays.fill(version, -1);
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

  /** Where the points of {@code of} begin among all. */
  private int place(ObjectiveBatch of) {
    return derivatives ? of.first() : 0;
  }

  private long at(Words values, int node, ObjectiveBatch of) {
    return values.address(place(of) * data.block(node));
  }

  /** Address of the points' parameters of a batch. */
  long parameters(ObjectiveBatch of) {
    return theta.address((long) place(of) * data.layout().size());
  }

  /** Address of φ(.) at a node; of the softmax at the outputs. */
  long activations(int node, ObjectiveBatch of) {
    return at(a.get(node), node, of);
  }

  /** Address of the activation's inputs; 0 where they are not needed. */
  long preActivations(int node, ObjectiveBatch of) {
    return data.needsInputs() && derivatives ? at(z.get(node), node, of) : 0;
  }

  /** Address of da φ'', where φ bends. */
  long curve(int node, ObjectiveBatch of) {
    return at(curve.get(node), node, of);
  }

  /** The normalisation before a node that has one. */
  NormalizedPoints normalized(int node) {
    NormalizedPoints layer = normalized.get(node);
    if (layer == null) {
      throw new IllegalArgumentException("node " + node + " is not normalised");
    }
    return layer;
  }

  /** Activations of a node at each network's point, for all lanes. */
  Lanes inputs(int node, ObjectiveBatch of) {
    return node == 0 ? data.inputs(of.first(), chunk) : points(a.get(node), node, of, false);
  }

  /** dz of the layer before a node, after {@link #backward}, for all lanes. */
  Lanes deltas(int node, ObjectiveBatch of) {
    return points(delta.get(node), node, of, false);
  }

  private Lanes points(Words values, int node, ObjectiveBatch of, boolean lanes) {
    long block = data.block(node);
    return new Lanes(
        at(values, node, of), data.stride(node), block, lanes ? of.networks() * block : 0);
  }

  /** The outputs, {@code [points, rows, stride]}, after {@link #forward} alone. */
  Words outputs() {
    return a.getLast();
  }

  /** Sums of the losses of the chunk's examples, {@code [points]}, doubles. */
  Words losses() {
    return losses;
  }

  /**
   * Enqueues the outputs at the points of a batch; with derivatives, a network has one lane.
   *
   * @param of who takes part
   */
  void forward(ObjectiveWork work, int ofChunk, ObjectiveBatch of) {
    if (ofChunk != chunk) {
      Arrays.fill(version, -1);
    }
    chunk = ofChunk;
    batch = of;
    rows = data.rows(chunk);
    Arrays.fill(version, of.first(), of.first() + of.networks(), -1);
    Arrays.fill(backwardDone, of.first(), of.first() + of.networks(), false);
    for (int l = 0; l < data.layers(); l++) {
      int node = l + 1;
      work.products()
          .multiply(
              false,
              false,
              rows,
              data.width(node),
              data.height(l),
              l == 0 ? inputs(0, of) : points(a.get(l), l, of, true),
              derivatives ? data.pointMatrices(theta, l, of) : data.matrices(theta, l, of),
              false,
              points(a.get(node), node, of, true),
              of);
      if (node == data.layers()) {
        return;
      }
      NormalizedPoints norm = normalized.get(node);
      if (norm != null) {
        norm.forward(
            work, activations(node, of), preActivations(node, of), parameters(of), rows, of);
      } else {
        work.kernels()
            .activate()
            .launch(
                work.stream(),
                (long) rows * data.stride(node),
                of.count(),
                ObjectiveKernels.BLOCK,
                activations(node, of),
                preActivations(node, of),
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
            batch.count(),
            ObjectiveKernels.SMALL_BLOCK,
            0,
            activations(last, batch),
            derivatives ? at(delta.get(last), last, batch) : 0L,
            data.labels(batch.first(), chunk),
            batch.networks(),
            data.examples(),
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
            batch.count(),
            ObjectiveKernels.BLOCK,
            0,
            parts.address(),
            losses.address(2L * place(batch)),
            blocks,
            add ? 1 : 0);
  }

  /**
   * Enqueues everything that tangents need, unless that is what was made last.
   *
   * @param of who needs it
   * @param versions of each network's point: changes when that does
   * @param withBackward whether the backward pass is needed too
   */
  void linearize(
      ObjectiveWork work, int ofChunk, ObjectiveBatch of, long[] versions, boolean withBackward) {
    boolean made = ofChunk == chunk;
    boolean back = true;
    for (int r = of.first(); r < of.first() + of.networks(); r++) {
      made &= version[r] == versions[r];
      back &= backwardDone[r];
    }
    ObjectiveBatch each = new ObjectiveBatch(of.first(), of.networks(), 1);
    if (!made) {
      forward(work, ofChunk, each);
      loss(work, false);
      System.arraycopy(versions, of.first(), version, of.first(), of.networks());
    }
    if (withBackward && !(made && back)) {
      batch = each;
      backward(work);
    }
  }

  /** Enqueues the backward pass, after {@link #loss}: all dz. */
  private void backward(ObjectiveWork work) {
    for (int node = data.layers() - 1; node > 0; node--) {
      work.products()
          .multiply(
              false,
              true,
              rows,
              data.width(node),
              data.width(node + 1),
              deltas(node + 1, batch),
              data.pointMatrices(theta, node, batch),
              false,
              deltas(node, batch),
              batch);
      work.kernels()
          .linearizeBackward()
          .launch(
              work.stream(),
              (long) rows * data.stride(node),
              batch.count(),
              ObjectiveKernels.BLOCK,
              at(delta.get(node), node, batch),
              data.bends() ? curve(node, batch) : 0L,
              activations(node, batch),
              preActivations(node, batch),
              data.activation(),
              rows,
              data.rows(),
              data.width(node),
              data.stride(node));
      NormalizedPoints norm = normalized.get(node);
      if (norm != null) {
        norm.backward(work, at(delta.get(node), node, batch), parameters(batch), rows, batch);
      }
    }
    Arrays.fill(backwardDone, batch.first(), batch.first() + batch.networks(), true);
  }

  /**
   * Enqueues the chunk's share of the mean losses' gradients, {@code [networks, P]}, after {@link
   * #linearize} with the backward pass.
   *
   * @param of who takes part, with one lane
   */
  void gradient(ObjectiveWork work, Words gradients, ObjectiveBatch of) {
    for (int l = 0; l < data.layers(); l++) {
      work.products()
          .multiply(
              true,
              false,
              data.height(l),
              data.width(l + 1),
              rows,
              inputs(l, of),
              deltas(l + 1, of),
              false,
              data.matrices(gradients, l, of),
              of);
      NormalizedPoints norm = normalized.get(l + 1);
      if (norm != null) {
        norm.gradient(work, gradients, of);
      }
    }
  }
}
