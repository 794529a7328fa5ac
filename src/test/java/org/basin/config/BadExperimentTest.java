package org.basin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad experiment files, each refused with one line. */
class BadExperimentTest {
  private final ExperimentFolder files;

  BadExperimentTest(@TempDir Path folder) {
    files = new ExperimentFolder(folder);
  }

  static Stream<Arguments> badFiles() {
    return Stream.of(
        // What is not YAML, or not an experiment
        bad("", "x.yaml: is empty, allowed: an experiment, of which a name is the least"),
        bad("just words", "x.yaml: is not an experiment, allowed: settings, each as 'key: value'"),
        bad(
            "name: x\nmodel:\n\twidth: 8",
            "x.yaml:3: is not valid YAML: found character '\\t(TAB)' that cannot start any token."
                + " (Do not use \\t(TAB) for indentation)"),
        bad("name: x\nname: y", "x.yaml:2: name is given twice in one group"),
        bad(
            "name: x\nmodel: {width: 8}\ntraining: {epochs: 1, epochs: 2}",
            "x.yaml:3: epochs is given twice in one group"),
        bad(
            "name: &a x\ndescription: *a",
            "x.yaml:2: *a is an alias; aliases are not allowed, write the value"),
        bad("name: x\n---\nname: y", "x.yaml:2: a second document begins, allowed: one"),
        bad("name: !mine x", "x.yaml:1: the tag !mine is not allowed"),
        bad("name: x\nseeds: !!int a", "x.yaml:2: 'a' is tagged as a number and is none"),
        bad("name: x\n? [a]\n: b", "x.yaml:2: a key is not text"),
        bad("name: x\ndata: " + "[".repeat(5000), "x.yaml:2: is nested more than 20 deep"),
        bad(
            "name: x\nseeds: \u0007",
            "x.yaml:2: is not valid YAML: the character U+0007 is not allowed"),
        // Keys
        bad("model: {width: 8}", "x.yaml: name is missing, allowed: letters, digits, -, _ and ."),
        bad(
            "name: a/b",
            "x.yaml:1: name is 'a/b', allowed: up to 100 letters, digits, -, _ and ., the first no -"
                + " or ."),
        bad(
            "name: x\ntraining:\n  epochs: 3\n  bachSize: 64",
            "x.yaml:4: training.bachSize is not a setting; did you mean training.batchSize?"),
        bad("name: x\nmodle: {}", "x.yaml:2: modle is not a setting; did you mean model?"),
        bad(
            "name: x\nmodel: {batch_norm: true}",
            "x.yaml:2: model.batch_norm is not a setting; did you mean model.batchNorm?"),
        bad(
            "name: x\ntraining: {learningRate: 1}",
            "x.yaml:2: training.learningRate is not a setting; did you mean"
                + " training.optimizer.learningRate?"),
        bad(
            "name: x\nmodel: {foo: 1}",
            "x.yaml:2: model.foo is not a setting; allowed in model: width, depth, hidden,"
                + " activation, bias, batchNorm, initialization, parameterization, baseWidth"),
        bad(
            "name: x\ntraining: {optimizer.learningRate: 1}",
            "x.yaml:2: training.optimizer.learningRate is written as one key; allowed: a group in a"
                + " group, training: {optimizer: {learningRate: ...}}"),
        bad(
            "name: x\nmodel.width: 1",
            "x.yaml:2: model.width is written as one key; allowed: a group in a group, model:"
                + " {width: ...}"),
        bad(
            "name: x\nmodel: {\"wid\\nth\": 1}",
            "x.yaml:2: model.wid th is not a setting; did you mean model.width?"),
        // Types
        bad(
            "name: x\nmodel:\n  width: " + "a".repeat(100),
            "x.yaml:3: model.width is '" + "a".repeat(60) + "...', allowed: a whole number"),
        bad(
            "name: x\ndata: {csv: {path: \"a\\0\"}}",
            "x.yaml:2: 'a ' is not a path: Nul character not allowed"),
        bad(
            "name: x\nmodel:\n  width: wide",
            "x.yaml:3: model.width is 'wide', allowed: a whole number"),
        bad(
            "name: x\nmodel: {width: 8.5}",
            "x.yaml:2: model.width is 8.5, allowed: a whole number"),
        bad(
            "name: x\nmodel: {width: [8]}",
            "x.yaml:2: model.width is a list, allowed: a whole number"),
        bad(
            "name: x\nmodel: {width: 99999999999}",
            "x.yaml:2: model.width is 99999999999, allowed: a whole number up to 2147483647"),
        bad("name: x\nmodel: {bias: no}", "x.yaml:2: model.bias is 'no', allowed: true or false"),
        bad(
            "name: x\ndata: {n: all}",
            "x.yaml:2: data.n is 'all', allowed: a whole number, or null"),
        bad(
            "name: x\ntraining: {labelSmoothing: .nan}",
            "x.yaml:2: training.labelSmoothing is .nan, allowed: a finite number"),
        bad(
            "name: x\nmodel: {hidden: 64}",
            "x.yaml:2: model.hidden is 64, allowed: a list of whole numbers, e.g. [64, 32]"),
        bad(
            "name: x\nmodel: {hidden: [64, a]}",
            "x.yaml:2: model.hidden is 'a', allowed: a whole number"),
        bad(
            "name: x\nmodel: {activation: Rleu}",
            "x.yaml:2: model.activation is Rleu, allowed: relu, tanh, gelu, identity; did you mean"
                + " relu?"),
        bad(
            "name: x\nmodel: 8",
            "x.yaml:2: model is 8, allowed: a group of settings: width, depth, hidden, activation,"
                + " bias, batchNorm, initialization, parameterization, baseWidth"),
        bad(
            "name: x\ntraining: {batchSize: half}",
            "x.yaml:2: training.batchSize is 'half', allowed: a whole number from 1, or full"),
        // Ranges
        bad(
            "name: x\nmodel:\n  width: 0",
            "x.yaml:3: model.width is 0, allowed: a whole number from 1 to 1000000"),
        bad(
            "name: x\ntraining: {batchSize: 0}",
            "x.yaml:2: training.batchSize is 0, allowed: 1 or more, or full"),
        bad(
            "name: x\ntraining:\n  schedule:\n    name: step",
            "x.yaml:4: training.schedule.decaySteps is missing; step and exponential decay need it"
                + " (steps a factor)"),
        bad(
            "name: x\nmodel:\n  width: 8\n  hidden: [3]",
            "x.yaml:4: model.hidden and model.width are both given, allowed: one of them"),
        bad(
            "name: x\nmodel: {hidden: [3], depth: 1}",
            "x.yaml:2: model.hidden and model.depth are both given, allowed: one of them"),
        // Seeds, engine, workers
        bad(
            "name: x\nseeds: 0",
            "x.yaml:2: seeds is 0, allowed: a count from 1 to 100000, or a list of seeds"),
        bad(
            "name: x\nseeds: 1000000000000",
            "x.yaml:2: seeds is 1000000000000, allowed: a count from 1 to 100000, or a list of seeds"),
        bad(
            "name: x\nseeds: []",
            "x.yaml:2: seeds is an empty list, allowed: a count from 1 to 100000, or a list of seeds"),
        bad("name: x\nseeds: [1, 2, 1]", "x.yaml:2: seeds has 1 twice"),
        bad("name: x\nseeds: [a]", "x.yaml:2: seeds is 'a', allowed: a whole number"),
        bad(
            "name: x\nworkers: 0",
            "x.yaml:2: workers is 0, allowed: a whole number from 1 to 4096, or null"),
        bad("name: x\nengine: {}", "x.yaml:2: engine is a group of settings, allowed: text"),
        bad(
            "name: x\ndevice: cpu",
            "x.yaml:2: device is 'cpu', which is an engine and no device: say engine cpu (--engine"
                + " cpu); allowed: auto, cuda, or GPUs by number, e.g. cuda:0,1"),
        bad(
            "name: x\ndevice: gpu",
            "x.yaml:2: device is 'gpu', allowed: auto, cuda, or GPUs by number, e.g. cuda:0,1"),
        bad(
            "name: x\ndevice: cuda:-1",
            "x.yaml:2: device is 'cuda:-1', allowed: auto, cuda, or GPUs by number, e.g. cuda:0,1"),
        bad(
            "name: x\ndevice: cuda:1,0,1",
            "x.yaml:2: device is 'cuda:1,0,1', which names GPU 1 twice"),
        bad("name: x\ndevice: [0, 1]", "x.yaml:2: device is a list, allowed: text"),
        bad("name: x\nprecision: fp16", "x.yaml:2: precision is fp16, allowed: float32, tf32"),
        // Sweeps
        bad(
            "name: x\nsweep: {gird: {}}",
            "x.yaml:2: sweep.gird is not a kind of sweep; did you mean sweep.grid?"),
        bad(
            "name: x\nsweep:\n  grid:\n    model.width: []",
            "x.yaml:4: sweep.grid.model.width has no values, allowed: a list of one or more"),
        bad(
            "name: x\nsweep:\n  grid:\n    model.width: 8",
            "x.yaml:4: sweep.grid.model.width is 8, allowed: a list of values"),
        bad(
            "name: x\nsweep:\n  grid:\n    model.widht: [8]",
            "x.yaml:4: model.widht is not a setting; did you mean model.width?"),
        bad(
            "name: x\nsweep:\n  grid:\n    width: [8]",
            "x.yaml:4: width is not a setting; did you mean model.width?"),
        bad(
            "name: x\nsweep:\n  grid:\n    model: [8]",
            "x.yaml:4: model is a group of settings; name one of them, e.g. model.width"),
        bad(
            "name: x\nsweep:\n  grid:\n    model.width:\n      - 8\n      - b",
            "x.yaml:6: model.width is 'b', allowed: a whole number"),
        bad(
            "name: x\nsweep: {grid: {model.width: [8, 16, 8]}}",
            "x.yaml:2: sweep.grid.model.width has the value 8 twice"),
        bad(
            "name: x\nsweep: {grid: {training.labelSmoothing: [0.1, 1e-1]}}",
            "x.yaml:2: sweep.grid.training.labelSmoothing has the value 0.1 twice"),
        bad(
            "name: x\nsweep:\n  zip:\n    model.width: [1, 2, 3]\n    training.epochs: [1, 2]",
            "x.yaml:5: sweep.zip pairs model.width with 3 values and training.epochs with 2,"
                + " allowed: equal lengths"),
        bad(
            "name: x\nsweep:\n  grid: {model.width: [1]}\n  zip: {model.width: [2]}",
            "x.yaml:4: model.width is on two axes, one of sweep.grid and one of sweep.zip; allowed:"
                + " one"),
        bad(
            "name: x\nsweep:\n  grid: {model.width: [1]}\n  list: [{model.width: 2}]",
            "x.yaml:4: model.width is on two axes, one of sweep.grid and one of sweep.list; allowed:"
                + " one"),
        bad(
            "name: x\nsweep: {list: [{}]}",
            "x.yaml:2: an entry of sweep.list is empty, allowed: one setting or more"),
        bad(
            "name: x\nsweep: 8",
            "x.yaml:2: sweep is 8, allowed: settings and values, as 'key: value'"));
  }

  private static Arguments bad(String yaml, String message) {
    return Arguments.of(yaml, message);
  }

  @ParameterizedTest
  @MethodSource("badFiles")
  void aBadFileIsRefusedWithOneLine(String yaml, String message) {
    assertEquals(message, files.refusal(() -> files.read(yaml).resolve(List.of())));
  }

  static Stream<Arguments> badOverrides() {
    return Stream.of(
        Arguments.of("model.width", "--set model.width: is no override, allowed: path=value"),
        Arguments.of(
            "model.width=0",
            "--set model.width=0: model.width is 0, allowed: a whole number from 1 to 1000000"),
        Arguments.of(
            "model.width=wide",
            "--set model.width=wide: model.width is 'wide', allowed: a whole number"),
        Arguments.of(
            "training.bachSize=1",
            "--set training.bachSize=1: training.bachSize is not a setting; did you mean"
                + " training.batchSize?"),
        Arguments.of(
            "epochs=1", "--set epochs=1: epochs is not a setting; did you mean training.epochs?"),
        Arguments.of("seed=1", "--set seed=1: seed is not a setting; did you mean seeds?"),
        Arguments.of(
            "training.optimizer=adam",
            "--set training.optimizer=adam: training.optimizer is a group of settings; name one of"
                + " them, e.g. training.optimizer.name"),
        Arguments.of(
            "model.width=[]",
            "--set model.width=[]: sweep.grid.model.width has no values, allowed: a list of one or"
                + " more"),
        Arguments.of(
            "model.hidden=[3]",
            "--set model.hidden=[3]: model.hidden and model.width are both given, allowed: one of"
                + " them"),
        Arguments.of(
            "data.labelNoise.fraction=0.1",
            "--set data.labelNoise.fraction=0.1: data.labelNoise.kind is none, but fraction is 0.1;"
                + " allowed with a fraction: redraw, flip"),
        Arguments.of(
            "model.width=[1",
            "--set model.width=[1: is not valid YAML: expected ',' or ']', but got <stream end>"));
  }

  @ParameterizedTest
  @MethodSource("badOverrides")
  void aBadOverrideIsRefusedWithOneLine(String override, String message) {
    Path file = files.write("x.yaml", "name: x", "model: {width: 8}");
    assertEquals(
        message, files.refusal(() -> Experiment.read(file, List.of(override)).resolve(List.of())));
  }

  @Test
  void extendingNothingAndTwiceAreRefused() {
    assertEquals(
        "x.yaml:2: extends none.yaml, but there is no file none.yaml",
        files.refusal(() -> files.read("name: x", "extends: none.yaml")));
    files.write("base.yaml", "model: {width: 0}", "extends: other.yaml");
    assertEquals(
        "base.yaml:2: extends is not allowed here: x.yaml extends this file; allowed: one level",
        files.refusal(() -> files.read("name: x", "extends: base.yaml")));
    files.write("base.yaml", "", "model: {width: 0}");
    assertEquals(
        "base.yaml:2: model.width is 0, allowed: a whole number from 1 to 1000000",
        files.refusal(() -> files.read("name: x", "extends: base.yaml").resolve(List.of())));
  }

  @Test
  void aFileThatIsNotTextIsRefused() throws Exception {
    Path file = Files.write(files.folder().resolve("x.yaml"), new byte[] {'a', (byte) 0xff});
    assertEquals(
        "x.yaml: is not UTF-8 text", files.refusal(() -> Experiment.read(file, List.of())));
  }
}
