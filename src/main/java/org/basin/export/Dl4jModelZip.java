package org.basin.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.LossFunction;

/**
 * A network as DL4J's {@code ModelSerializer} zip, which {@code MultiLayerNetwork.load} opens;
 * written without loading ND4J, so that a small sweep does not pay for it.
 *
 * <pre>
 * configuration.json   a MultiLayerConfiguration as DL4J 1.0.0-M2.1 prints it
 * coefficients.bin     ND4J's array format: shape descriptor, then the flat vector of
 *                      {@link Dl4jParameters}, big-endian float32
 * </pre>
 *
 * <p>The saved configuration has a plain SGD updater and no penalties: a zip that names Basin's
 * schedules would load only beside Basin. A {@code gelu} network does name {@code
 * org.basin.engine.dl4j.Gelu}, since DL4J has no right one of its own.
 */
public final class Dl4jModelZip {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LAYERS = "org.deeplearning4j.nn.conf.layers.";
  private static final String ACTIVATIONS = "org.nd4j.linalg.activations.impl.";
  private static final String LOSSES = "org.nd4j.linalg.lossfunctions.impl.";

  /** ND4J's type flags of a float32 array's shape descriptor. */
  private static final long FLOAT_FLAG = 0x2000;

  /** DL4J tells by the last name whether a variance or a logarithm is stored, by no other field. */
  private static final List<String> NORM_VARIABLES = List.of("gamma", "beta", "mean", "var");

  private static final double NORM_EPSILON = 1e-5;
  private static final double NORM_DECAY = 0.9;

  private Dl4jModelZip() {}

  /**
   * Writes a network; the stream is finished, not closed.
   *
   * @param learningRate rate of the saved updater, for those who train on
   */
  public static void write(
      MlpSpec spec, LossFunction loss, double learningRate, NetworkState state, OutputStream out)
      throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setLevel(Deflater.BEST_SPEED);
    // A fixed time: the same network is the same file.
    zip.putNextEntry(timeless("configuration.json"));
    zip.write(JSON.writeValueAsBytes(configuration(spec, loss, learningRate)));
    zip.closeEntry();
    zip.putNextEntry(timeless("coefficients.bin"));
    writeArray(new Dl4jParameters(spec).flatten(state), zip);
    zip.closeEntry();
    zip.finish();
  }

  private static ZipEntry timeless(String name) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(LocalDateTime.of(2000, 1, 1, 0, 0));
    return entry;
  }

  private static void writeArray(float[] values, OutputStream out) throws IOException {
    DataOutputStream data = new DataOutputStream(out);
    // Rank, shape, stride, type flags, element-wise stride, order.
    long[] shapeDescriptor = {1, values.length, 1, FLOAT_FLAG, 1, 'c'};
    data.writeUTF("MIXED_DATA_TYPES");
    data.writeLong(shapeDescriptor.length);
    data.writeUTF("LONG");
    for (long field : shapeDescriptor) {
      data.writeLong(field);
    }
    data.writeUTF("MIXED_DATA_TYPES");
    data.writeLong(values.length);
    data.writeUTF("FLOAT");
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.BIG_ENDIAN);
    bytes.asFloatBuffer().put(values);
    data.write(bytes.array());
    data.flush();
  }

  private static ObjectNode configuration(MlpSpec spec, LossFunction loss, double learningRate) {
    ObjectNode configuration = JSON.createObjectNode();
    configuration.put("backpropType", "Standard").put("cacheMode", "NONE");
    ArrayNode layers = configuration.putArray("confs");
    int hidden = spec.hidden().size();
    List<String> weights = spec.bias() ? List.of("W", "b") : List.of("W");
    for (int l = 0; l < hidden; l++) {
      ObjectNode dense = addLayer(layers, "DenseLayer", weights);
      parameterized(dense, spec.fanIn(l), spec.fanOut(l), learningRate);
      dense.put("hasBias", spec.bias()).put("hasLayerNorm", false);
      if (spec.normalized(l)) {
        activation(dense, ACTIVATIONS + "ActivationIdentity");
        ObjectNode norm = addLayer(layers, "BatchNormalization", NORM_VARIABLES);
        parameterized(norm, spec.fanOut(l), spec.fanOut(l), learningRate);
        activation(norm, ACTIVATIONS + "ActivationIdentity");
        norm.put("beta", 0.0).put("gamma", 1.0).put("decay", NORM_DECAY).put("eps", NORM_EPSILON);
        norm.put("lockGammaBeta", false).put("minibatch", true).put("useLogStd", false);
        norm.put("cnn2DFormat", "NCHW").put("cudnnAllowFallback", true);
        activation(
            addLayer(layers, "ActivationLayer", List.of()), activationClass(spec.activation()));
      } else {
        activation(dense, activationClass(spec.activation()));
      }
    }
    ObjectNode output = addLayer(layers, "OutputLayer", weights);
    parameterized(output, spec.fanIn(hidden), spec.outputs(), learningRate);
    output.put("hasBias", spec.bias());
    boolean crossEntropy = loss == LossFunction.CROSS_ENTROPY;
    activation(output, ACTIVATIONS + (crossEntropy ? "ActivationSoftmax" : "ActivationIdentity"));
    ObjectNode lossNode = output.putObject("lossFn");
    lossNode.put("@class", LOSSES + (crossEntropy ? "LossMCXENT" : "LossMSE"));
    if (crossEntropy) {
      lossNode.put("softmaxClipEps", 1e-10);
    }
    configuration.put("dataType", "FLOAT").put("epochCount", 0).put("iterationCount", 0);
    configuration.put("inferenceWorkspaceMode", "ENABLED");
    configuration.put("trainingWorkspaceMode", "ENABLED");
    configuration.putObject("inputPreProcessors");
    configuration.put("tbpttBackLength", 20).put("tbpttFwdLength", 20);
    configuration.put("validateOutputLayerConfig", true);
    return configuration;
  }

  /** Appends a NeuralNetConfiguration and returns its layer, of DL4J's class {@code type}. */
  private static ObjectNode addLayer(ArrayNode layers, String type, List<String> variables) {
    ObjectNode conf = layers.addObject();
    conf.put("cacheMode", "NONE").put("dataType", "FLOAT");
    conf.put("epochCount", 0).put("iterationCount", 0);
    ObjectNode layer = conf.putObject("layer");
    layer.put("@class", LAYERS + type).put("layerName", "layer" + (layers.size() - 1));
    layer.putNull("constraints").putNull("idropout");
    layer.put("gradientNormalization", "None").put("gradientNormalizationThreshold", 1.0);
    conf.put("maxNumLineSearchIterations", 5).put("miniBatch", true).put("minimize", true);
    conf.put("optimizationAlgo", "STOCHASTIC_GRADIENT_DESCENT").put("seed", 1);
    ArrayNode names = conf.putNull("stepFunction").putArray("variables");
    variables.forEach(names::add);
    return layer;
  }

  private static void parameterized(ObjectNode layer, int in, int out, double learningRate) {
    layer.put("nin", in).put("nout", out).put("biasInit", 0.0).put("gainInit", 1.0);
    ObjectNode updater = layer.putObject("iupdater");
    updater.put("@class", "org.nd4j.linalg.learning.config.Sgd").put("learningRate", learningRate);
    layer.putNull("biasUpdater").putNull("weightNoise").putNull("timeDistributedFormat");
    layer.putArray("regularization");
    layer.putArray("regularizationBias");
    layer.putObject("weightInitFn").put("@class", "org.deeplearning4j.nn.weights.WeightInitXavier");
  }

  private static void activation(ObjectNode layer, String className) {
    layer.putObject("activationFn").put("@class", className);
  }

  private static String activationClass(Activation activation) {
    return switch (activation) {
      case RELU -> ACTIVATIONS + "ActivationReLU";
      case TANH -> ACTIVATIONS + "ActivationTanH";
      case GELU -> "org.basin.engine.dl4j.Gelu";
      case IDENTITY -> ACTIVATIONS + "ActivationIdentity";
    };
  }
}
