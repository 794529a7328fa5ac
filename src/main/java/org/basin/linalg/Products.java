package org.basin.linalg;

import org.basin.InvalidInputException;

/** The products of one operator: counted, checked to be finite, and no more at once than fit. */
final class Products {
  // 64 MiB of float32; more vectors than 32 at once no longer make matrix products faster.
  private static final int MOST_FLOATS = 1 << 24;
  private static final int MOST_VECTORS = 32;

  private final SymmetricOperator operator;
  private final int size;
  private int count;

  Products(SymmetricOperator operator) {
    this.operator = operator;
    size = operator.size();
    if (size < 1) {
      throw new InvalidInputException("an operator of order " + size + ": at least 1 is needed");
    }
  }

  int size() {
    return size;
  }

  /** How many products were computed so far. */
  int count() {
    return count;
  }

  /** Counts products that were computed elsewhere. */
  void include(int number) {
    count += number;
  }

  /** How many vectors to give to one call of {@link #apply}. */
  int batch() {
    return batch(size);
  }

  /** The same for any operator of order {@code n}. */
  static int batch(long n) {
    return Math.clamp(MOST_FLOATS / n, 1, MOST_VECTORS);
  }

  /** See {@link SymmetricOperator#apply}; throws where a product is not finite. */
  void apply(float[] vectors, int number, float[] products) {
    operator.apply(vectors, number, products);
    for (int i = 0; i < number * size; i++) {
      if (!Float.isFinite(products[i])) {
        throw new NonFiniteProductException(count + i / size + 1, i % size, products[i]);
      }
    }
    count += number;
  }

  /** Receives the products of {@link #forEach}. */
  @FunctionalInterface
  interface Receiver {
    /** {@code products} holds H v of vector {@code index} from {@code offset} on. */
    void accept(int index, float[] products, int offset);
  }

  /** Applies the operator to every row of {@code vectors}, in batches, in order. */
  void forEach(float[][] vectors, Receiver receiver) {
    int batch = Math.min(batch(), Math.max(1, vectors.length));
    float[] rows = new float[batch * size];
    float[] products = new float[batch * size];
    for (int from = 0; from < vectors.length; from += batch) {
      int number = Math.min(batch, vectors.length - from);
      for (int i = 0; i < number; i++) {
        System.arraycopy(vectors[from + i], 0, rows, i * size, size);
      }
      apply(rows, number, products);
      for (int i = 0; i < number; i++) {
        receiver.accept(from + i, products, i * size);
      }
    }
  }
}
