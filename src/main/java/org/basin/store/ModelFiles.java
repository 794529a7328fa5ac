package org.basin.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;
import org.basin.InvalidInputException;

/** Tells whole model files from damaged ones by their own tables of contents. */
final class ModelFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ModelFiles() {}

  /**
   * Checks that {@code model.zip} has its end and its parts.
   *
   * @throws InvalidInputException when it is missing or damaged
   */
  static void requireWholeZip(Path file) {
    requireFile(file);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      if (zip.getEntry("configuration.json") == null || zip.getEntry("coefficients.bin") == null) {
        throw damaged(file);
      }
    } catch (IOException failure) {
      throw damaged(file);
    }
  }

  /**
   * Checks that {@code model.safetensors} is as long as its header says.
   *
   * @throws InvalidInputException when it is missing or damaged
   */
  static void requireWholeSafetensors(Path file) {
    requireFile(file);
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(length);
      if (length.hasRemaining()) {
        throw damaged(file);
      }
      long headerLength = length.getLong(0);
      if (headerLength < 2 || headerLength > size - Long.BYTES) {
        throw damaged(file);
      }
      ByteBuffer header = ByteBuffer.allocate(Math.toIntExact(headerLength));
      while (header.hasRemaining() && channel.read(header) >= 0) {
        // until the header is there
      }
      long end = 0;
      for (JsonNode tensor : JSON.readTree(header.array())) {
        end = Math.max(end, tensor.path("data_offsets").path(1).asLong());
      }
      if (size != Long.BYTES + headerLength + end) {
        throw damaged(file);
      }
    } catch (IOException | ArithmeticException failure) {
      throw damaged(file);
    }
  }

  private static void requireFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + " is missing");
    }
  }

  private static InvalidInputException damaged(Path file) {
    return new InvalidInputException(file + " is damaged");
  }
}
