package org.basin.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 (FIPS 180-4) over a split: features and classes; then of validation, test and training
 * the count and the inputs, of validation and test the labels; the training labels last. Numbers
 * are big-endian, floats by their IEEE 754 bits.
 *
 * <p>The training labels come last because they alone differ between replicas: all before them is
 * digested once.
 */
final class SplitHash {
  private static final int CHUNK_BYTES = 1 << 16;

  private final MessageDigest beforeTrainingLabels;

  /** Digests all but the training labels. */
  SplitHash(Examples train, Examples validation, Examples test) {
    MessageDigest digest = sha256();
    addInts(digest, new int[] {train.features(), train.classes()});
    addInts(digest, new int[] {validation.count()});
    addFloats(digest, validation.inputs());
    addInts(digest, validation.labels());
    addInts(digest, new int[] {test.count()});
    addFloats(digest, test.inputs());
    addInts(digest, test.labels());
    addInts(digest, new int[] {train.count()});
    addFloats(digest, train.inputs());
    beforeTrainingLabels = digest;
  }

  /** The hash with these training labels, in hexadecimal. */
  String with(int[] trainingLabels) {
    try {
      MessageDigest digest = (MessageDigest) beforeTrainingLabels.clone();
      addInts(digest, trainingLabels);
      return HexFormat.of().formatHex(digest.digest());
    } catch (CloneNotSupportedException impossible) {
      throw new IllegalStateException("the JDK's SHA-256 can be cloned", impossible);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  private static void addInts(MessageDigest digest, int[] values) {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    for (int value : values) {
      flushWhenFull(digest, chunk);
      chunk.putInt(value);
    }
    digest.update(chunk.flip());
  }

  private static void addFloats(MessageDigest digest, float[] values) {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    for (float value : values) {
      flushWhenFull(digest, chunk);
      chunk.putFloat(value);
    }
    digest.update(chunk.flip());
  }

  private static void flushWhenFull(MessageDigest digest, ByteBuffer chunk) {
    if (!chunk.hasRemaining()) {
      digest.update(chunk.flip());
      chunk.clear();
    }
  }
}
