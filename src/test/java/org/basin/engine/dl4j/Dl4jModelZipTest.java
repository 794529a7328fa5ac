package org.basin.engine.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.basin.data.Examples;
import org.basin.engine.Replicas;
import org.basin.export.Dl4jModelZip;
import org.basin.model.Activation;
import org.basin.model.NetworkState;
import org.basin.train.LossFunction;
import org.basin.train.TrainingTask;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The zip that Basin writes without DL4J, opened by DL4J. */
class Dl4jModelZipTest {
  @TempDir Path folder;

  static Stream<Arguments> networks() {
    return Stream.of(Activation.values())
        .flatMap(
            activation ->
                Stream.of(LossFunction.values())
                    .flatMap(
                        loss ->
                            Stream.of(true, false)
                                .map(norm -> Arguments.of(activation, loss, norm))));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void loadedNetworkPredictsTheSame(Activation activation, LossFunction loss, boolean norm)
      throws Exception {
    Replicas replicas = new Replicas();
    replicas.activation = activation;
    replicas.loss = loss;
    replicas.batchNorm = norm;
    replicas.bias = !norm || activation == Activation.TANH;
    assertSamePredictions(replicas.task());
  }

  @Test
  void linearModel() throws Exception {
    Replicas replicas = new Replicas();
    replicas.hidden = List.of();
    assertSamePredictions(replicas.task());
  }

  private void assertSamePredictions(TrainingTask task) throws Exception {
    Examples test = task.data().test();
    try (Dl4jNetwork trained = new Dl4jNetwork(task)) {
      trained.step(new int[] {0, 1, 2, 3, 4, 5, 6, 7}, 0, 4, new double[] {0.5, 0.5});
      NetworkState state = trained.state();
      MultiLayerNetwork loaded = load(task, state);
      INDArray inputs = Nd4j.create(test.inputs(), new long[] {test.count(), 4}, 'c');
      float[] outputs = loaded.output(inputs).dup('c').data().asFloat();
      float[] expected = new float[test.count() * 3];
      trained.logits(test, expected);
      if (task.options().loss() == LossFunction.CROSS_ENTROPY) {
        softmax(expected, 3);
      }
      assertArrayEquals(expected, outputs, 1e-6f);
      loaded.fit(inputs, Nd4j.ones(test.count(), 3).divi(3)); // and it can be trained on
      assertFalse(Double.isNaN(loaded.score()));
    }
  }

  private MultiLayerNetwork load(TrainingTask task, NetworkState state) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Dl4jModelZip.write(task.spec(), task.options().loss(), 0.1, state, bytes);
    File file = Files.write(folder.resolve("model.zip"), bytes.toByteArray()).toFile();
    return MultiLayerNetwork.load(file, false);
  }

  /**
   * What DL4J reads is what DL4J would have written: its own print of the configuration is ours.
   */
  @ParameterizedTest
  @EnumSource(Activation.class)
  void configurationSurvivesDl4jsOwnRoundTrip(Activation activation) throws Exception {
    Replicas replicas = new Replicas();
    replicas.activation = activation;
    replicas.batchNorm = true;
    TrainingTask task = replicas.task();
    try (Dl4jNetwork network = new Dl4jNetwork(task)) {
      MultiLayerNetwork loaded = load(task, network.state());
      Path again = folder.resolve("again.zip");
      loaded.save(again.toFile(), false);
      MultiLayerNetwork reloaded = MultiLayerNetwork.load(again.toFile(), false);
      assertEquals(loaded.getLayerWiseConfigurations(), reloaded.getLayerWiseConfigurations());
      assertEquals(loaded.params(), reloaded.params());
    }
  }

  private static void softmax(float[] logits, int classes) {
    for (int row = 0; row < logits.length; row += classes) {
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        sum += Math.exp(logits[row + k]);
      }
      for (int k = 0; k < classes; k++) {
        logits[row + k] = (float) (Math.exp(logits[row + k]) / sum);
      }
    }
  }
}
