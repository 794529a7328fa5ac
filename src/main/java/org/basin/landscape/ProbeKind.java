package org.basin.landscape;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import org.basin.measurement.Figure;
import org.basin.measurement.Law;

/**
 * A probe by its name.
 *
 * @param name as files and the command line spell it
 * @param version raised whenever the same request gives other numbers or another form; results of
 *     another version are measured again
 * @param summary what it measures, half a line
 * @param options class of its options, a record with {@code DEFAULTS}
 * @param probe makes the probe of some options
 * @param claim what theory says of it and where it is written, for a reader who meets it for the
 *     first time, a few sentences; empty where there is no prediction
 * @param figures how its tables are drawn, where prediction and measurement stand side by side
 * @param laws exponents of its scalars against width that theory predicts
 * @param definitions what each of its scalars is, by the scalar's name: one clause that begins with
 *     a capital letter or a formula and has no full stop
 */
public record ProbeKind<O extends Record>(
    String name,
    int version,
    String summary,
    Class<O> options,
    Function<O, Probe> probe,
    String claim,
    List<Figure> figures,
    List<Law> laws,
    SequencedMap<String, String> definitions) {

  /** Copies the lists and the map. */
  public ProbeKind {
    figures = List.copyOf(figures);
    laws = List.copyOf(laws);
    definitions = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(definitions));
  }

  /** A probe that nothing is predicted of. */
  public ProbeKind(
      String name,
      int version,
      String summary,
      Class<O> options,
      Function<O, Probe> probe,
      SequencedMap<String, String> definitions) {
    this(name, version, summary, options, probe, "", List.of(), List.of(), definitions);
  }

  /** The probe of {@code some} options, which are of this kind's class. */
  public Probe open(Record some) {
    return probe.apply(options.cast(some));
  }
}
