package org.basin.cli;

import java.util.function.Function;
import org.basin.InvalidInputException;
import org.basin.InvalidSettingException;
import org.basin.engine.EngineRegistry;
import org.basin.train.Devices;
import org.basin.train.EngineOptions;
import org.basin.train.Precision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The arguments that say what computes, shared by all commands that compute. */
final class EngineArguments {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "Engine that computes (auto, cuda, cpu, dl4j; see basin doctor); default what the"
              + " experiment file says, or auto.")
  private @Nullable String engine;

  @Option(
      names = "--device",
      paramLabel = "GPUS",
      description =
          "GPUs that the cuda engine computes on (cuda: all of them; cuda:0; cuda:0,1), and no"
              + " other engine is taken; default what the experiment file says, or auto, which"
              + " takes what there is.")
  private @Nullable String device;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "Of matrix products: float32, or tf32 (the cuda engine, on GPUs since 2020: factors with"
              + " 10 bits of mantissa); default what the experiment file says, or float32.")
  private @Nullable String precision;

  /** The engine's name, for a command without an experiment. */
  String name() {
    return name(EngineRegistry.AUTO);
  }

  /** The engine's name; {@code otherwise} where none is given. */
  String name(String otherwise) {
    return engine != null ? engine : otherwise;
  }

  /** The engines, for a command without an experiment. */
  EngineRegistry registry() {
    return registry(EngineOptions.DEFAULTS);
  }

  /** The engines, that compute as {@code otherwise} says where nothing is given. */
  EngineRegistry registry(EngineOptions otherwise) {
    return EngineRegistry.of(
        new EngineOptions(
            parse("--device", device, Devices::parse, otherwise.devices()),
            precision(otherwise.precision())));
  }

  /** The precision; {@code otherwise} where none is given. */
  Precision precision(Precision otherwise) {
    return parse("--precision", precision, Precision::parse, otherwise);
  }

  private static <T> T parse(
      String option, @Nullable String text, Function<String, T> parse, T otherwise) {
    if (text == null) {
      return otherwise;
    }
    try {
      return parse.apply(text);
    } catch (InvalidSettingException invalid) {
      throw new InvalidInputException(option + " " + invalid.problem(), invalid);
    }
  }
}
