package org.basin.linalg;

class HeapSequencesTest extends KrylovContract {
  @Override
  protected SymmetricOperator operator() {
    return new PlantedOperator(Spectra.network(64, 1), 2);
  }
}
