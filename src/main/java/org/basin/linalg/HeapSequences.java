package org.basin.linalg;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Sequences of any operator, on the heap. */
final class HeapSequences implements KrylovSequences {
  private final Products products;
  private final int size;
  private final int known;
  private final int capacity;
  private final Sequence[] sequences;
  private final float[] vectors; // of one step, [count, n]; one alone is read where it is
  private final float[] results; // H of them

  private static final class Sequence {
    final Basis basis;
    double[] next = {}; // the direction to expand next, orthogonal to the basis, [n]
    double norm; // ‖next‖
    int recent; // how many of the last basis vectors its product has a part in; 0: all

    Sequence(Basis basis) {
      this.basis = basis;
    }
  }

  /** As {@link SymmetricOperator#sequences} describes them. */
  HeapSequences(Products products, float[][] known, int count, int steps) {
    this.products = products;
    size = products.size();
    this.known = known.length;
    capacity = known.length + steps;
    sequences = new Sequence[count];
    for (int i = 0; i < count; i++) {
      Basis basis = new Basis(size, capacity);
      basis.replace(known);
      sequences[i] = new Sequence(basis);
    }
    vectors = new float[count == 1 ? 0 : count * size];
    results = new float[steps == 0 ? 0 : count * size];
  }

  @Override
  public int dimension(int sequence) {
    return sequences[sequence].basis.size();
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public double turn(int sequence, double[] direction) {
    Sequence s = sequences[sequence];
    s.next = direction.clone();
    s.basis.orthogonalize(s.next, 0);
    s.norm = Euclidean.norm(s.next);
    // What is known is taken for invariant; the rest of a basis was left for lack of a direction.
    s.recent = s.basis.size() == known ? 2 : 0;
    return s.norm;
  }

  @Override
  public List<Step> expand(int... which) {
    for (int i = 0; i < which.length; i++) {
      Sequence s = sequences[which[i]];
      s.basis.append(s.next, s.norm);
      if (sequences.length > 1) {
        System.arraycopy(last(s), 0, vectors, i * size, size);
      }
    }
    products.apply(sequences.length > 1 ? vectors : last(sequences[0]), which.length, results);
    Step[] steps = new Step[which.length];
    IntStream.range(0, which.length)
        .parallel()
        .forEach(i -> steps[i] = take(sequences[which[i]], i * size));
    return List.of(steps);
  }

  private static float[] last(Sequence s) {
    return s.basis.vector(s.basis.size() - 1);
  }

  private Step take(Sequence s, int offset) {
    for (int i = 0; i < size; i++) {
      s.next[i] = results[offset + i];
    }
    double productNorm = Euclidean.norm(s.next);
    double[] coefficients = s.basis.orthogonalize(s.next, s.recent);
    s.norm = Euclidean.norm(s.next);
    s.recent = 2;
    return new Step(coefficients, productNorm, s.norm);
  }

  @Override
  public float[][] combinations(int sequence, double[][] weights) {
    Basis basis = sequences[sequence].basis;
    float[][] combinations = new float[weights.length][];
    IntStream.range(0, weights.length)
        .parallel()
        .forEach(i -> combinations[i] = basis.combination(weights[i]));
    return combinations;
  }

  @Override
  public void restart(int sequence, double[][] weights) {
    Sequence s = sequences[sequence];
    s.basis.replace(combinations(sequence, weights));
    s.recent = 0;
  }

  @Override
  public void project(int sequence, double[][] of) {
    Basis basis = sequences[sequence].basis;
    Arrays.stream(of).forEach(vector -> basis.orthogonalize(vector, 0));
  }

  @Override
  public void close() {} // the heap's memory goes with the last reference
}
