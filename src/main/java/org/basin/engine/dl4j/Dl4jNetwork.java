package org.basin.engine.dl4j;

import org.basin.RandomStreams;
import org.basin.data.Examples;
import org.basin.export.Dl4jParameters;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.GradientClipping;
import org.basin.train.Targets;
import org.basin.train.TrainableNetwork;
import org.basin.train.TrainingTask;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One replica as a DL4J network, trained by DL4J's own {@code fit}.
 *
 * <p>Semantics that another engine has to meet:
 *
 * <ul>
 *   <li>Nesterov: v' = μ v - η g, θ ← θ - μ v + (1+μ) v', velocity 0 at first.
 *   <li>Adam's ε stands outside the bias correction.
 *   <li>Batch normalisation: biased batch variance, for the running variance too; running ← 0.9
 *       running + 0.1 batch; ε = 1e-5.
 *   <li>A shorter last batch counts as a step like any other.
 * </ul>
 */
final class Dl4jNetwork implements TrainableNetwork {
  /** Rows evaluated at once: bounds the memory of wide networks on large data. */
  private static final int EVALUATION_ROWS = 4096;

  private final MlpSpec spec;
  private final Examples train;
  private final float[] targets;
  private final Dl4jParameters order;
  private final GradientListener gradients;
  private final MultiLayerNetwork network;

  /** The replica before its first step. */
  Dl4jNetwork(TrainingTask task) {
    spec = task.spec();
    train = task.data().train();
    targets = Targets.smoothed(train.labels(), train.classes(), task.options().labelSmoothing());
    order = new Dl4jParameters(spec);
    gradients =
        new GradientListener(new GradientClipping(task.options().clipping()), order.trained());
    network = new MultiLayerNetwork(TrainingConfiguration.of(task));
    network.init();
    network.setListeners(gradients);
    restore(Initialization.draw(spec, RandomStreams.of(task.seed()).initialization()));
  }

  @Override
  public double step(int[] permutation, int from, int batch, double[] learningRates) {
    for (int i = 0; i < learningRates.length && !Thread.currentThread().isInterrupted(); i++) {
      int first = from + i * batch;
      int rows = Math.min(batch, permutation.length - first);
      gradients.expect(rows, i == learningRates.length - 1);
      network.fit(
          gather(train.inputs(), train.features(), permutation, first, rows),
          gather(targets, train.classes(), permutation, first, rows));
    }
    return gradients.norm();
  }

  private static INDArray gather(float[] source, int columns, int[] order, int first, int rows) {
    float[] gathered = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(source, order[first + i] * columns, gathered, i * columns, columns);
    }
    return Nd4j.create(gathered, new long[] {rows, columns}, 'c');
  }

  @Override
  public void logits(Examples examples, float[] logits) {
    int features = examples.features();
    int classes = spec.outputs();
    int outputLayer = network.getnLayers() - 1;
    INDArray weight = network.getLayer(outputLayer).getParam("W");
    for (int first = 0; first < examples.count(); first += EVALUATION_ROWS) {
      int rows = Math.min(EVALUATION_ROWS, examples.count() - first);
      float[] inputs = new float[rows * features];
      System.arraycopy(examples.inputs(), first * features, inputs, 0, inputs.length);
      INDArray hidden = Nd4j.create(inputs, new long[] {rows, features}, 'c');
      if (outputLayer > 0) {
        hidden = network.feedForwardToLayer(outputLayer - 1, hidden, false).get(outputLayer);
      }
      // Not the network's own output: its softmax in single precision loses small probabilities.
      INDArray outputs = hidden.mmul(weight);
      if (spec.bias()) {
        outputs.addiRowVector(network.getLayer(outputLayer).getParam("b"));
      }
      float[] values = outputs.dup('c').data().asFloat();
      System.arraycopy(values, 0, logits, first * classes, values.length);
    }
  }

  @Override
  public NetworkState state() {
    return order.unflatten(network.params().dup().data().asFloat());
  }

  @Override
  public void restore(NetworkState state) {
    network.setParams(Nd4j.createFromArray(order.flatten(state)));
  }

  @Override
  public void close() {
    network.close();
  }
}
