package org.basin.plan;

import org.basin.config.ReplicaConfig;
import org.basin.data.DataShape;
import org.basin.model.MlpSpec;

/**
 * What a replica costs when it trains to its last epoch.
 *
 * @param parameters number of trained parameters P
 * @param steps optimiser steps: epochs x ceil(n / batch size)
 * @param multiplyAdds of training: epochs x n x 3 Σ_l fanIn_l fanOut_l (a forward pass, and a
 *     backward pass of twice as many); evaluations not among them
 */
public record Cost(long parameters, long steps, double multiplyAdds) {

  /** The cost of a replica of {@code config} on data of {@code shape}. */
  static Cost of(ReplicaConfig config, DataShape shape) {
    MlpSpec spec = config.model().toSpec(shape.features(), shape.classes());
    double forward = 0;
    for (int l = 0; l < spec.layers(); l++) {
      forward += (double) spec.fanIn(l) * spec.fanOut(l);
    }
    int examples = shape.train();
    int batch = config.training().batchSize().resolve(examples);
    long epochs = config.training().epochs();
    return new Cost(
        spec.parameterCount(),
        epochs * Math.ceilDiv(examples, batch),
        3.0 * forward * examples * epochs);
  }
}
