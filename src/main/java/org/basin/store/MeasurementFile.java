package org.basin.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.basin.InvalidInputException;
import org.basin.export.Safetensors;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparison;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * A measurement in {@code <name>.json}, whoever made it; what is not finite is {@code null}. Tables
 * stand beside it in {@code <name>-<table>.csv}, vectors in {@code <name>.safetensors}.
 *
 * <pre>
 * {"schemaVersion", "identity": what decides the numbers, ..., "seconds",
 *  "scalars": {name: {"value", "standardError", "converged", "sources": [...]}},
 *  "tables": [names], "details": a record}
 * </pre>
 */
final class MeasurementFile {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(double.class, new ResultFile.FiniteOrNull())
                  .addSerializer(Double.class, new ResultFile.FiniteOrNull())
                  .addSerializer(new LowerCase()))
          .build();

  private final Path folder;
  private final String name;
  private final String maker;
  private final int schemaVersion;
  private final Path file;

  /**
   * The file of a measurement.
   *
   * @param folder where it stands
   * @param name its name, without the ending
   * @param maker what made it, for messages: {@code probe} or {@code study}
   * @param schemaVersion version of the file's form
   */
  MeasurementFile(Path folder, String name, String maker, int schemaVersion) {
    this.folder = folder;
    this.name = name;
    this.maker = maker;
    this.schemaVersion = schemaVersion;
    this.file = folder.resolve(name + ".json");
  }

  /**
   * A measurement as it was read.
   *
   * @param details a missing node for nothing
   */
  record Stored(
      JsonNode identity,
      double seconds,
      SequencedMap<String, Uncertain> scalars,
      JsonNode details,
      List<String> tables) {}

  /** Whether there is a measurement, whole or not. */
  boolean exists() {
    return Files.exists(file);
  }

  /**
   * Why what is there is not a measurement of {@code identity}, which has a component {@code
   * version}; null when it is one.
   *
   * @throws InvalidInputException when the file cannot be read, is damaged or of another version
   */
  @Nullable String differenceFrom(Record identity) {
    JsonNode held = content().path("identity");
    JsonNode wanted = reread(JSON.valueToTree(identity));
    int before = held.path("version").asInt();
    int now = wanted.path("version").asInt();
    if (before != now) {
      return "%s was measured by version %d of the %s, this is version %d"
          .formatted(file, before, maker, now);
    }
    for (Map.Entry<String, JsonNode> part : wanted.properties()) {
      if (!held.path(part.getKey()).equals(part.getValue())) {
        return "%s was measured with another %s".formatted(file, part.getKey());
      }
    }
    return null;
  }

  /** Numbers as they come back from a file: an int and a long of one value are equal then. */
  private static JsonNode reread(JsonNode node) {
    try {
      return JSON.readTree(JSON.writeValueAsBytes(node));
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * Reads the measurement.
   *
   * @throws InvalidInputException when it is missing, damaged or of another version
   */
  Stored read() {
    JsonNode content = content();
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    content
        .path("scalars")
        .properties()
        .forEach(scalar -> scalars.put(scalar.getKey(), uncertain(scalar.getValue())));
    List<String> tables = new ArrayList<>();
    content.path("tables").forEach(table -> tables.add(table.asText()));
    JsonNode details = content.path("details");
    return new Stored(
        content.path("identity"),
        content.path("seconds").asDouble(),
        scalars,
        details.isObject() ? details : MissingNode.getInstance(),
        tables);
  }

  private JsonNode content() {
    try {
      JsonNode content = JSON.readTree(Files.readAllBytes(file));
      int version = content.path("schemaVersion").asInt(-1);
      if (version != schemaVersion) {
        throw new InvalidInputException(
            version < 0
                ? file + " is damaged: it names no schemaVersion"
                : "%s has schema version %d, this Basin reads %d"
                    .formatted(file, version, schemaVersion));
      }
      if (!content.path("scalars").isObject()) {
        throw new InvalidInputException(file + " is damaged: it holds no scalars");
      }
      return content;
    } catch (JsonProcessingException damaged) {
      throw ResultFile.damaged(file.toString(), damaged);
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + file + ": " + WholeFile.reason(failure), failure);
    }
  }

  private static Uncertain uncertain(JsonNode node) {
    List<Uncertain.Contribution> sources = new ArrayList<>();
    for (JsonNode part : node.path("sources")) {
      double degrees = finiteOr(part.path("degreesOfFreedom"), Double.POSITIVE_INFINITY);
      double error = finiteOr(part.path("standardError"), Double.POSITIVE_INFINITY);
      Uncertain.Source source = constant(Uncertain.Source.class, part.path("source"));
      sources.add(new Uncertain.Contribution(source, error, degrees));
    }
    return new Uncertain(
        finiteOr(node.path("value"), Double.NaN),
        finiteOr(node.path("standardError"), Double.POSITIVE_INFINITY),
        sources,
        node.path("converged").asBoolean());
  }

  /** The number in a file; {@code otherwise} for the null that stands for what is not finite. */
  static double finiteOr(JsonNode node, double otherwise) {
    return node.isNumber() ? node.asDouble() : otherwise;
  }

  /**
   * The constant that {@link LowerCase} wrote.
   *
   * @throws InvalidInputException when it is none
   */
  static <E extends Enum<E>> E constant(Class<E> type, JsonNode node) {
    for (E constant : type.getEnumConstants()) {
      if (LowerCase.spelled(constant).equals(node.asText())) {
        return constant;
      }
    }
    throw new InvalidInputException("there is no " + type.getSimpleName() + " " + node);
  }

  /** The list {@code comparisons} of some details; empty where there is none. */
  static List<Comparison> comparisons(JsonNode details) {
    List<Comparison> comparisons = new ArrayList<>();
    for (JsonNode each : details.path("comparisons")) {
      comparisons.add(
          new Comparison(
              each.path("quantity").asText(),
              finiteOr(each.path("measured"), Double.NaN),
              finiteOr(each.path("low"), Double.NaN),
              finiteOr(each.path("high"), Double.NaN),
              finiteOr(each.path("predicted"), Double.NaN),
              finiteOr(each.path("tolerance"), Double.NaN),
              constant(Verdict.class, each.path("verdict")),
              each.path("reason").asText()));
    }
    return comparisons;
  }

  /** Reads a table of the measurement. */
  static Table table(Path folder, String name, String table) {
    return TableFile.read(TableFile.path(folder, name, table), table);
  }

  /**
   * Writes what was measured, in place of what there is; the JSON file last.
   *
   * @param conditions fields of their own between identity and seconds
   * @param seconds that it took
   */
  void write(
      Record identity,
      SequencedMap<String, String> conditions,
      double seconds,
      Measurement measured) {
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(file); // what it says is no longer what stands beside it
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot write into " + folder + ": " + WholeFile.reason(failure), failure);
    }
    for (Table table : measured.tables()) {
      TableFile.write(TableFile.path(folder, name, table.name()), table);
    }
    if (!measured.vectors().isEmpty()) {
      WholeFile.write(
          folder.resolve(name + ".safetensors"),
          out -> Safetensors.write(new TreeMap<>(measured.vectors()), out));
    }
    ObjectNode content = JSON.createObjectNode();
    content.put("schemaVersion", schemaVersion);
    content.set("identity", JSON.valueToTree(identity));
    conditions.forEach(content::put);
    content.put("seconds", seconds);
    content.set("scalars", JSON.valueToTree(measured.scalars()));
    content.set("tables", JSON.valueToTree(measured.tables().stream().map(Table::name).toList()));
    content.set("details", JSON.valueToTree(measured.details()));
    WholeFile.write(
        file, out -> out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content)));
  }

  /** Constants as the experiment file spells them. */
  private static final class LowerCase extends StdSerializer<Enum<?>> {
    private static final long serialVersionUID = 1L;

    LowerCase() {
      super(Enum.class, false);
    }

    @Override
    public void serialize(Enum<?> value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      generator.writeString(spelled(value));
    }

    static String spelled(Enum<?> value) {
      return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
