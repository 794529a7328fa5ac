package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.files;
import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input gets one line and exit code 2, and nothing is written. */
final class BadInputTest {
  @TempDir Path folder;

  /** Refused with one line that says {@code what}, and no run folder. */
  private void assertRefused(String what, Object... arguments) {
    Path out = folder.resolve("out");
    Object[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--out";
    all[arguments.length + 1] = out;
    assertOneLine(what, basin(all));
    assertFalse(Files.exists(out), "nothing is written");
  }

  private static void assertOneLine(String what, BasinCommand command) {
    assertEquals(2, command.code(), command.err());
    assertEquals("", command.out());
    assertTrue(command.err().startsWith("basin: "), command.err());
    assertEquals(1, command.err().lines().count(), command.err());
    assertTrue(command.err().contains(what), command.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          # unknown or misspelled key: names the nearest
          trainig: {epochs: 3}                          | x.yaml:2: trainig is not a setting; did you mean training?
          training: {batchsize: 3}                      | x.yaml:2: training.batchsize is not a setting; did you mean training.batchSize?
          model: {fluxCapacitor: 3}                     | x.yaml:2: model.fluxCapacitor is not a setting
          sweep: {grid: {model.widht: [3]}}             | did you mean model.width?
          # wrong type
          model: {width: wide}                          | x.yaml:2: model.width is 'wide', allowed: a whole number
          model: {width: 1.5}                           | x.yaml:2: model.width is 1.5, allowed: a whole number
          model: {bias: 3}                              | x.yaml:2: model.bias is 3, allowed: true or false
          model: [width]                                | x.yaml:2: model is
          model: {activation: rleu}                     | allowed: relu, tanh, gelu, identity
          training: {optimizer: {learningRate: [1]}}    | x.yaml:2: training.optimizer.learningRate is a list
          name: y                                       | x.yaml:2: name is given twice
          seeds: {a: 1}                                 | x.yaml:2: seeds is
          studies: saddle-escape                        | x.yaml:2: studies is 'saddle-escape', allowed: a list of studies: saddle-escape,
          studies: [sadle-escape]                       | x.yaml:2: there is no study 'sadle-escape', did you mean saddle-escape?
          studies: {a: {kind: origin-escape, rums: 5}}  | x.yaml:2: studies.a.rums is not an option of the study; did you mean runs?
          # out of range: states the range
          model: {width: 0}                             | x.yaml:2: model.width is 0, allowed: a whole number from 1 to 1000000
          model: {width: -3}                            | x.yaml:2: model.width is -3, allowed: a whole number from 1 to 1000000
          model: {depth: 101}                           | x.yaml:2: model.depth is 101, allowed: a whole number from 0 to 100
          training: {epochs: 99999999999999999999}      | x.yaml:2: training.epochs is 99999999999999999999, allowed:
          training: {optimizer: {learningRate: 0}}      | x.yaml:2: training.optimizer.learningRate is 0
          training: {optimizer: {learningRate: .nan}}   | x.yaml:2: training.optimizer.learningRate is .nan, allowed: a finite number
          training: {optimizer: {momentum: 1}}          | x.yaml:2: training.optimizer.momentum is 1
          training: {labelSmoothing: 1.5}               | x.yaml:2: training.labelSmoothing is 1.5
          data: {labelNoise: {fraction: 2}}             | x.yaml:2: data.labelNoise.fraction is 2
          workers: 0                                    | x.yaml:2: workers is 0, allowed: a whole number from 1 to 4096
          seeds: 0                                      | x.yaml:2: seeds is 0, allowed: a count from 1 to 100000
          # sweeps
          sweep: {grid: {model.width: []}}              | x.yaml:2: sweep.grid.model.width has no values
          sweep: {grid: {model.width: 3}}               | x.yaml:2: sweep.grid.model.width is 3, allowed: a list
          seeds: []                                     | x.yaml:2: seeds is an empty list
          sweep: {zip: {model.width: [1, 2], model.depth: [1]}}              | x.yaml:2: sweep.zip
          sweep: {grid: {model.width: [1]}, zip: {model.width: [2]}}         | x.yaml:2: model.width
          sweep: {grid: {model.width: [4]}, exclude: [{model.width: 4}]}     | x.yaml:2: sweep
          sweep: {grid: {model.width: [4, 4]}}                               | x.yaml:2: sweep.grid.model.width
          seeds: 100001                                                      | x.yaml:2: seeds is 100001, allowed: a count from 1 to 100000
          {sweep: {grid: {model.width: [4, 8]}}, seeds: 60000}               | allowed
          # what a probe cannot measure is refused before anything is trained
          {model: {batchNorm: true}, probes: {kernel: {linearizedTraining: true}}}  | linearizedTraining is of networks without batch normalisation
          {model: {batchNorm: true}, probes: {kernel: {batchNorm: batch}}}          | the kernel probe's batchNorm is batch
          # more than the data has
          data: {source: iris, n: 121}                  | data.n is 121, but iris has 120 training examples
          data: {source: iris, n: 0}                    | x.yaml:2: data.n is 0, allowed: 1
          data: {source: iris, testFraction: 1e-9}      | data.testFraction is 1.0E-9
          {data: {source: iris}, training: {batchSize: 121}}                 | x.yaml:2: training.batchSize is 121, allowed: 1 to 120
          {data: {source: iris, n: 40}, sweep: {grid: {training.batchSize: [40, 41]}}} | training.batchSize is 41, allowed: 1 to 40
          training: {stopping: {patience: 3}}           | x.yaml:2: training.stopping.patience needs a validation set
          # data
          data: {source: irsi}                          | x.yaml:2: data.source is irsi, allowed: mnist1d
          data: {source: csv}                           | data.csv.path is empty
          data: {source: csv, csv: {path: none.csv}}    | none.csv: no such file
          data: {source: idx}                           | data.idx.directory is empty
          data: {source: idx, idx: {directory: nope}}   | nope: no such file or folder
          engine: [dl4j]                                | x.yaml:2: engine is
          engine: tpu                                   | there is no engine 'tpu'; allowed: auto, cuda (
          device: cpu                                   | x.yaml:2: device is 'cpu', which is an engine and no device
          {engine: cpu, device: "cuda:0"}               | engine cpu cannot honour device cuda:0: it computes in float32 on a device of its own choice; allowed: engine cuda, or device auto and precision float32
          {engine: dl4j, precision: tf32}               | engine dl4j cannot honour precision tf32: it computes in float32
          """)
  void settings(String line, String what) {
    String yaml = line.startsWith("{") ? line.substring(1, line.length() - 1) : line;
    String file = line.startsWith("{") ? "{name: x,\n" + yaml + "}\n" : "name: x\n" + yaml + "\n";
    assertRefused(what, "run", write(folder, "x.yaml", file));
    assertRefused(what, "plan", folder.resolve("x.yaml"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          model.width=0             | --set model.width=0: model.width is 0, allowed: a whole number from 1 to 1000000
          model.widht=4             | --set model.widht=4: model.widht is not a setting; did you mean model.width?
          model.width               | --set model.width
          model.width=[]            | --set model.width=[]: sweep.grid.model.width has no values
          training.batchSize=[1, x] | training.batchSize
          """)
  void overrides(String override, String what) {
    Path file = write(folder, "x.yaml", "name: x\n");
    assertRefused(what.strip(), "run", file, "--set", override);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --workers 0     | --workers is 0, allowed: a whole number from 1 to 4096
          --workers 4097  | --workers is 4097, allowed: a whole number from 1 to 4096
          --workers two   | 'two' is not an int
          --shard 3/2     | --shard is '3/2', allowed: I/N with I from 1 to N
          --shard 0/2     | --shard is '0/2', allowed: I/N with I from 1 to N
          --shard half    | --shard is 'half', allowed: I/N with I from 1 to N
          --engine nope   | there is no engine 'nope'; allowed: auto, cuda (
          --device cpu    | --device is 'cpu', which is an engine and no device: say engine cpu (--engine cpu)
          --device cuda0  | --device is 'cuda0', allowed: auto, cuda, or GPUs by number, e.g. cuda:0,1
          --precision f16 | --precision is 'f16', allowed: float32, tf32
          --precision tf32 --device cuda:1 --engine cpu | engine cpu cannot honour device cuda:1 and precision tf32
          --wrokers 2     | basin run has no option '--wrokers', did you mean --workers?
          more.yaml       | 'more.yaml' is one argument too many
          """)
  void options(String options, String what) {
    String[] words = options.strip().split(" ", -1);
    Object[] arguments = new Object[2 + words.length];
    arguments[0] = "run";
    arguments[1] = write(folder, "x.yaml", BasinCommand.TINY);
    System.arraycopy(words, 0, arguments, 2, words.length);
    assertRefused(what.strip(), arguments);
  }

  @Test
  void experimentFiles() {
    assertRefused("absent.yaml: does not exist", "run", folder.resolve("absent.yaml"));
    assertRefused("is not a file", "run", folder);
    assertRefused("is empty", "run", write(folder, "x.yaml", ""));
    assertRefused("x.yaml:2: is not valid YAML", "run", write(folder, "x.yaml", "name: x\n\t: ["));
    assertRefused("name is missing", "run", write(folder, "x.yaml", "seeds: 2\n"));
    assertRefused("is not UTF-8", "run", bytes("x.yaml", new byte[] {'a', (byte) 0xff}));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1,2,0;3,4           | d.csv, line 2
          1,2,0;3,4,1,5       | d.csv, line 2
          1,2,0;3,four,1      | d.csv, line 2
          1,2,0;3,,1          | d.csv, line 2
          1,2,0;3,NaN,1       | d.csv, line 2
          1,2,0;3,inf,1       | d.csv, line 2
          1,2,0;3,4,-1        | d.csv, line 2
          1,2,0;3,4,0.5       | d.csv, line 2
          1,2,0;3,4,2         | d.csv: the largest label is 2, but no example has label 1
          1,2,0;3,4,0         | d.csv: every label is 0
          a,b,label           | d.csv
          """)
  void tables(String lines, String what) {
    write(folder, "d.csv", lines.strip().replace(';', '\n') + "\n");
    assertRefused(what.strip(), "run", csv("d.csv"));
  }

  @Test
  void emptyTable() {
    write(folder, "d.csv", "");
    assertRefused("d.csv", "run", csv("d.csv"));
  }

  @Test
  void testLabelsOutsideTheClasses() {
    write(folder, "d.csv", "1,2,0\n3,4,1\n");
    write(folder, "t.csv", "1,2,0\n3,4,7\n");
    assertRefused(
        "t.csv, line 2: the label is 7, allowed: 0 to 1",
        "run",
        write(
            folder,
            "x.yaml",
            "name: x\ndata: {source: csv, csv: {path: d.csv, testPath: t.csv}}\n"));
  }

  @Test
  void gzip() throws IOException {
    byte[] whole = gzip("1,2,0\n3,4,1\n".repeat(1000).getBytes(StandardCharsets.UTF_8));
    bytes("d.csv.gz", Arrays.copyOf(whole, whole.length / 2));
    assertRefused("d.csv.gz: the gzip data ends too early", "run", csv("d.csv.gz"));
    bytes("d.csv.gz", Arrays.copyOf(whole, 5));
    assertRefused("d.csv.gz: the gzip data ends too early", "run", csv("d.csv.gz"));
    whole[whole.length / 2] ^= 0x55;
    bytes("d.csv.gz", whole);
    assertRefused("d.csv.gz", "run", csv("d.csv.gz"));
    write(folder, "d.csv.gz", "1,2,0\n3,4,1\n");
    assertRefused("d.csv.gz: is not gzip though its name ends in .gz", "run", csv("d.csv.gz"));
  }

  @Test
  void idx() {
    ByteBuffer images = ByteBuffer.allocate(16 + 8);
    images.putInt(0x0803).putInt(2).putInt(2).putInt(2);
    ByteBuffer labels = ByteBuffer.allocate(8 + 2);
    labels.putInt(0x0801).putInt(2).put((byte) 0).put((byte) 1);
    for (String part : List.of("train", "t10k")) {
      bytes(part + "-images-idx3-ubyte", images.array());
      bytes(part + "-labels-idx1-ubyte", labels.array());
    }
    Path file =
        write(
            folder,
            "x.yaml",
            "name: x\ndata: {source: idx, idx: {directory: .}}\ntraining: {batchSize: 2}\n");
    assertEquals(0, basin("plan", file, "--out", folder.resolve("whole")).code());

    bytes("train-images-idx3-ubyte", Arrays.copyOf(images.array(), 20));
    assertRefused("train-images-idx3-ubyte, byte 20: ends too early", "run", file);
    bytes("train-images-idx3-ubyte", Arrays.copyOf(images.array(), 30));
    assertRefused("6 bytes follow", "run", file);
    bytes("train-images-idx3-ubyte", Arrays.copyOf(images.array(), 10));
    assertRefused("ends within the IDX header", "run", file);
    bytes("train-images-idx3-ubyte", labels.array());
    assertRefused(
        "train-images-idx3-ubyte, byte 0: the magic number is 0x00000801, allowed for images:"
            + " 0x00000803",
        "run",
        file);
    bytes("train-images-idx3-ubyte", images.array());
    labels.put(9, (byte) 2);
    bytes("train-labels-idx1-ubyte", labels.array());
    assertRefused("but no example has label 1", "run", file);
  }

  @Test
  void aFolderOfAnotherExperimentStaysAsItIs() throws IOException {
    Path tiny = write(folder, "tiny.yaml", BasinCommand.TINY);
    Path out = folder.resolve("run");
    assertEquals(0, basin("run", tiny, "--out", out, "--shard", "1/4").code());
    List<String> before = files(out);
    String experiment = Files.readString(out.resolve("experiment.yaml"));
    for (String command : List.of("run", "plan")) {
      assertOneLine(
          "holds another experiment, tiny; allowed for --out: a folder of other, or none yet",
          basin(command, tiny, "--out", out, "--set", "name=other"));
    }
    assertEquals(before, files(out));
    assertEquals(experiment, Files.readString(out.resolve("experiment.yaml")));
  }

  @Test
  void aFolderOfOtherFilesStaysAsItIs() {
    Path tiny = write(folder, "tiny.yaml", BasinCommand.TINY);
    for (String command : List.of("run", "plan")) {
      assertOneLine("holds files that are not a run's", basin(command, tiny, "--out", folder));
      assertOneLine("is not a folder", basin(command, tiny, "--out", tiny));
      assertOneLine("cannot make", basin(command, tiny, "--out", tiny.resolve("below/a/file")));
    }
    assertEquals(List.of("tiny.yaml"), files(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"status", "collect", "report"})
  void whatIsNoRunCannotBeRead(String command) {
    assertOneLine(
        folder + " is not a run folder: it has no experiment.yaml", basin(command, folder));
    assertEquals(List.of(), files(folder));
  }

  @Test
  void severalRunsAreCollectedIntoANamedFile() {
    assertOneLine("several runs need --out", basin("collect", folder, folder));
  }

  private Path csv(String data) {
    return write(
        folder,
        "x.yaml",
        "name: x\ndata: {source: csv, csv: {path: " + data + "}}\ntraining: {batchSize: 1}\n");
  }

  private Path bytes(String name, byte[] content) {
    try {
      return Files.write(folder.resolve(name), content);
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    }
    return bytes.toByteArray();
  }
}
