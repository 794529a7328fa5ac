package org.basin.cli;

import org.basin.InvalidInputException;

/**
 * One of several parts of a sweep.
 *
 * @param index which, from 1
 * @param count of how many
 */
record Shard(int index, int count) {
  /** Reads {@code I/N}. */
  static Shard parse(String text) {
    String[] parts = text.split("/", -1);
    try {
      if (parts.length == 2) {
        Shard shard = new Shard(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        if (shard.count >= 1 && shard.index >= 1 && shard.index <= shard.count) {
          return shard;
        }
      }
    } catch (NumberFormatException notNumbers) {
      throw refuse(text);
    }
    throw refuse(text);
  }

  private static InvalidInputException refuse(String text) {
    return new InvalidInputException(
        "--shard is '" + text + "', allowed: I/N with I from 1 to N, e.g. 2/8");
  }
}
