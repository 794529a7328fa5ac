package org.basin.store;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.basin.InvalidInputException;

/**
 * {@code result.json}: figures that are not finite are {@code null} there, since JSON has no NaN.
 */
final class ResultFile {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(double.class, new FiniteOrNull())
                  .addDeserializer(double.class, new NullAsNan()))
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ResultFile() {}

  static void write(Path file, ReplicaResult result) {
    WholeFile.write(
        file, out -> out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(result)));
  }

  /**
   * Reads a result.
   *
   * @throws InvalidInputException when the file is damaged or of another version
   */
  static ReplicaResult read(Path file) {
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      JsonNode version = json.path("schemaVersion");
      if (version.isInt() && version.asInt() != ReplicaResult.SCHEMA_VERSION) {
        throw new InvalidInputException(
            "%s has schema version %d, this Basin reads %d"
                .formatted(file, version.asInt(), ReplicaResult.SCHEMA_VERSION));
      }
      if (!json.isObject()) {
        throw new InvalidInputException(file + " is damaged: it holds no JSON object");
      }
      return JSON.treeToValue(json, ReplicaResult.class);
    } catch (JsonProcessingException damaged) {
      throw damaged(file.toString(), damaged);
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + file + ": " + WholeFile.reason(failure), failure);
    }
  }

  /** What is wrong with the JSON at {@code where}, as one line. */
  static InvalidInputException damaged(String where, JsonProcessingException cause) {
    // Jackson adds where an unfinished object began, and that it may not show it.
    String problem = cause.getOriginalMessage().replaceAll("(?s) \\(start marker at .*|\\s+$", "");
    return new InvalidInputException(
        where + " is damaged: " + problem.replaceAll("\\s+", " "), cause);
  }

  /** Writes NaN and infinities as {@code null}. */
  static final class FiniteOrNull extends StdSerializer<Double> {
    private static final long serialVersionUID = 1L;

    FiniteOrNull() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      if (Double.isFinite(value)) {
        generator.writeNumber(value);
      } else {
        generator.writeNull();
      }
    }
  }

  private static final class NullAsNan extends StdDeserializer<Double> {
    private static final long serialVersionUID = 1L;

    NullAsNan() {
      super(double.class);
    }

    @Override
    public Double deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return parser.getDoubleValue();
    }

    @Override
    public Double getNullValue(DeserializationContext context) {
      return Double.NaN;
    }
  }
}
