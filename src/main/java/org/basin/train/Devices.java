package org.basin.train;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.basin.InvalidSettingException;

/**
 * What an engine is to compute on: what it chooses, or GPUs.
 *
 * @param gpus whether GPUs are asked for
 * @param numbers theirs, as the CUDA driver counts those that this process sees; none for every one
 */
public record Devices(boolean gpus, List<Integer> numbers) {
  /** What the engine chooses. */
  public static final Devices AUTO = new Devices(false, List.of());

  private static final String KEY = "device";
  private static final String ALLOWED = "allowed: auto, cuda, or GPUs by number, e.g. cuda:0,1";
  private static final Pattern NUMBERED = Pattern.compile("cuda:([0-9]{1,4}(?:,[0-9]{1,4})*)");

  /** Keeps the numbers as they are. */
  public Devices {
    numbers = List.copyOf(numbers);
  }

  /**
   * Reads {@code auto}, {@code cuda}, or {@code cuda:} with numbers behind it.
   *
   * @throws InvalidSettingException when it is none of these, or names a GPU twice
   */
  public static Devices parse(String text) {
    if (text.equals("auto")) {
      return AUTO;
    }
    if (text.equals("cuda")) {
      return new Devices(true, List.of());
    }
    if (text.equals("cpu")) {
      throw new InvalidSettingException(
          KEY,
          "is 'cpu', which is an engine and no device: say engine cpu (--engine cpu); " + ALLOWED);
    }
    var numbered = NUMBERED.matcher(text);
    if (!numbered.matches()) {
      throw new InvalidSettingException(KEY, "is '" + text + "', " + ALLOWED);
    }
    List<Integer> numbers = new ArrayList<>();
    for (String each : numbered.group(1).split(",", -1)) {
      int number = Integer.parseInt(each);
      if (numbers.contains(number)) {
        throw new InvalidSettingException(
            KEY, "is '" + text + "', which names GPU " + number + " twice");
      }
      numbers.add(number);
    }
    return new Devices(true, numbers);
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    if (!gpus) {
      return "auto";
    }
    return numbers.isEmpty()
        ? "cuda"
        : numbers.stream().map(String::valueOf).collect(Collectors.joining(",", "cuda:", ""));
  }
}
