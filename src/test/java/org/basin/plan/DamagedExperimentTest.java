package org.basin.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.basin.InvalidInputException;
import org.basin.config.Experiment;
import org.basin.data.DataShape;

/** Whatever a file holds, it gives a plan or one line that says why not. */
class DamagedExperimentTest {
  private static final DataShapes MNIST1D = options -> new DataShape(40, 10, 4000, 0, 1000);

  private static final String SWEEP =
      """
      sweep:
        grid: {model.width: [8, 16], training.labelSmoothing: [0, 0.1]}
        zip: {training.optimizer.name: [sgd, adam], training.optimizer.learningRate: [0.1, 1e-3]}
        list: [{data.n: 1000}, {data.n: 500}]
        exclude: [{model.width: 8, training.labelSmoothing: 0.1}]
      """;

  private static final String[] SPLINTERS = {
    "0",
    "-",
    "\n",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "#",
    "\t",
    "null",
    "&a ",
    "*a",
    "!!int ",
    "1e999",
    ".nan",
    "-1",
    "\u0000",
    "é",
    "---\n",
    "|",
    ">",
    "? ",
    "<<: ",
    "99999999999999999999",
    ","
  };

  /** The reference with a sweep, without the comments that would hide the damage. */
  private static String whole() throws IOException {
    String text = Files.readString(Path.of("experiments/reference.yaml")) + SWEEP;
    return text.replaceAll("(?m)(^| +)#.*$", "");
  }

  @Property(tries = 400, seed = "7")
  void aDamagedFileIsAPlanOrOneLine(@ForAll Random random) throws IOException {
    StringBuilder damaged = new StringBuilder(whole());
    int at = random.nextInt(damaged.length());
    int end = Math.min(damaged.length(), at + random.nextInt(3));
    damaged.replace(at, end, SPLINTERS[random.nextInt(SPLINTERS.length)]);
    Path file = Files.createTempFile("damaged", ".yaml");
    try {
      Files.writeString(file, damaged);
      Experiment experiment = Experiment.read(file, List.of());
      String plan = Plan.of(experiment, MNIST1D).toJsonLines();
      Files.writeString(file, experiment.toYaml());
      assertEquals(plan, Plan.of(Experiment.read(file, List.of()), MNIST1D).toJsonLines());
      Statistics.label("outcome").collect("a plan");
    } catch (InvalidInputException refused) {
      String message = refused.getMessage();
      assertTrue(message.startsWith(file + ":") && message.lines().count() == 1, message);
      Statistics.label("outcome")
          .collect(message.contains("valid YAML") ? "not YAML" : "a bad setting");
    } finally {
      Files.delete(file);
    }
    Statistics.label("outcome")
        .coverage(
            coverage -> {
              // The longer the reference, the more of it that damage makes wrong.
              coverage.check("a plan").percentage(p -> p > 2);
              coverage.check("a bad setting").percentage(p -> p > 5);
            });
  }
}
