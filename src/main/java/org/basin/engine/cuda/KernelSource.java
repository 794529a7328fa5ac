package org.basin.engine.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a file of kernels, with the headers that it includes.
 *
 * @param name of the file, e.g. {@code loss.cu}
 * @param text CUDA C++
 * @param headers texts by name, those of headers' headers too
 */
record KernelSource(String name, String text, Map<String, String> headers) {
  private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"([^\"]+)\"$");

  /** A file of this engine's resources. */
  static KernelSource of(String name) {
    String text = read(name);
    Map<String, String> headers = new TreeMap<>();
    Deque<String> waiting = new ArrayDeque<>();
    waiting.add(text);
    while (!waiting.isEmpty()) {
      Matcher include = INCLUDE.matcher(waiting.remove());
      while (include.find()) {
        String header = include.group(1);
        if (!headers.containsKey(header)) {
          headers.put(header, read(header));
          waiting.add(headers.get(header));
        }
      }
    }
    return new KernelSource(name, text, headers);
  }

  private static String read(String name) {
    try (InputStream in = KernelSource.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("there are no kernels " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** SHA-256 of everything that is compiled, in hexadecimal digits. */
  String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      headers.forEach(
          (header, content) ->
              digest.update((header + "\0" + content).getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
