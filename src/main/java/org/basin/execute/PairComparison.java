package org.basin.execute;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.basin.InvalidInputException;
import org.basin.landscape.ProbeRequest;
import org.basin.measurement.Measurement;
import org.basin.model.MlpSpec;
import org.basin.train.ObjectiveEngine;
import org.basin.train.TrainingEngine;

/** One measurement between any two trained networks of one shape. */
public final class PairComparison {
  private PairComparison() {}

  /**
   * Measures on the first one's data, by its objective.
   *
   * @param request of a probe between networks
   * @throws InvalidInputException when the networks are of different shapes, naming the difference
   * @throws InterruptedException when the thread was interrupted
   */
  public static Measurement measure(
      ProbeRequest request,
      TrainedReplica first,
      TrainedReplica second,
      ObjectiveEngine objectives,
      TrainingEngine training)
      throws InterruptedException {
    requireOneShape(first, second);
    ReplicaRetraining retraining =
        new ReplicaRetraining(first.task(), training, first.state(), first.replica().folder());
    return new ReplicaProbing(request, first.task(), objectives, retraining, second.partner())
        .measure(first.state());
  }

  private static void requireOneShape(TrainedReplica first, TrainedReplica second) {
    Map<String, Object> one = shape(first.task().spec());
    Map<String, Object> other = shape(second.task().spec());
    one.forEach(
        (name, value) -> {
          if (!value.equals(other.get(name))) {
            throw new InvalidInputException(
                "networks of different shapes cannot be connected: %s is %s of %s, but %s of %s"
                    .formatted(name, value, first.folder(), other.get(name), second.folder()));
          }
        });
  }

  /** What makes the function of the parameters, by name; the most telling first. */
  private static Map<String, Object> shape(MlpSpec spec) {
    Map<String, Object> shape = new LinkedHashMap<>();
    shape.put("the number of inputs", spec.inputs());
    shape.put("the number of classes", spec.outputs());
    shape.put("the number of hidden layers", spec.hidden().size());
    shape.put("the list of hidden widths", spec.hidden());
    shape.put("the activation", spec.activation().name().toLowerCase(Locale.ROOT));
    shape.put("batchNorm", spec.batchNorm());
    shape.put("bias", spec.bias());
    return shape;
  }
}
