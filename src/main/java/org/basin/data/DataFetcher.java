package org.basin.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.basin.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Downloads MNIST and Fashion-MNIST from their public homes, each file checked by the MD5 that its
 * authors or mirrors publish before it gets its name.
 *
 * <p>MNIST is checked decompressed (mirrors may compress differently), Fashion-MNIST as downloaded,
 * by the sums in its authors' README (Xiao, Rasul and Vollgraf 2017).
 */
public final class DataFetcher {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);

  /** Without a whole file in this time a mirror is given up: 26 MB at a slow 45 kB/s. */
  private static final Duration FILE_TIMEOUT = Duration.ofMinutes(10);

  static final RemoteDataset MNIST =
      new RemoteDataset(
          List.of(
              URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
              URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/")),
          true,
          List.of(
              new RemoteFile("train-images-idx3-ubyte.gz", "6bbc9ace898e44ae57da46a324031adb"),
              new RemoteFile("train-labels-idx1-ubyte.gz", "a25bea736e30d166cdddb491f175f624"),
              new RemoteFile("t10k-images-idx3-ubyte.gz", "2646ac647ad5339dbf082846283269ea"),
              new RemoteFile("t10k-labels-idx1-ubyte.gz", "27ae3e4e09519cfbb04c329615203637")));

  private static final RemoteDataset FASHION_MNIST =
      new RemoteDataset(
          List.of(URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/")),
          false,
          List.of(
              new RemoteFile("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
              new RemoteFile("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
              new RemoteFile("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
              new RemoteFile("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310")));

  /**
   * A file of a dataset and the MD5 it must have.
   *
   * @param name its name in the mirrors and on disk
   * @param md5 in lower-case hexadecimal
   */
  record RemoteFile(String name, String md5) {}

  /**
   * A dataset to be fetched.
   *
   * @param mirrors folders that hold the files, tried in order, each ending in a slash
   * @param sumsOfDecompressed whether the MD5s are those of the decompressed files
   * @param files its files
   */
  record RemoteDataset(List<URI> mirrors, boolean sumsOfDecompressed, List<RemoteFile> files) {}

  /**
   * What became of one file.
   *
   * @param path where it is
   * @param downloaded whether it was downloaded, or was there and whole
   * @param from the URL it came from, or an empty string
   */
  public record FetchedFile(Path path, boolean downloaded, String from) {}

  private final RemoteDataset dataset;
  private final Path directory;

  /** Fetches {@code dataset} into {@code directory}. */
  DataFetcher(RemoteDataset dataset, Path directory) {
    this.dataset = dataset;
    this.directory = directory;
  }

  /**
   * The fetcher of {@code source} into {@link DataHome}.
   *
   * @throws InvalidInputException when the source is not one that is fetched
   */
  public static DataFetcher of(DataSource source) {
    return new DataFetcher(dataset(source), DataHome.path().resolve(DatasetCatalog.name(source)));
  }

  /** The sources that can be fetched. */
  public static List<DataSource> fetchable() {
    return List.of(DataSource.MNIST, DataSource.FASHION_MNIST);
  }

  /** Names of the files that make up {@code source}. */
  static List<String> files(DataSource source) {
    return dataset(source).files().stream().map(RemoteFile::name).toList();
  }

  private static RemoteDataset dataset(DataSource source) {
    return switch (source) {
      case MNIST -> MNIST;
      case FASHION_MNIST -> FASHION_MNIST;
      default ->
          throw new InvalidInputException(
              "%s is not fetched (%s), allowed: mnist, fashion-mnist"
                  .formatted(DatasetCatalog.name(source), DatasetCatalog.entry(source).how()));
    };
  }

  /** The folder that the files are put in. */
  public Path directory() {
    return directory;
  }

  /**
   * Makes every file present and whole. A file that is there with the right checksum is kept, a
   * damaged one is replaced. A file has its name only once it is whole and checked.
   *
   * @param finished told of each file as it is done
   * @throws InvalidInputException when no mirror gives the right file, with each mirror's reason;
   *     or when the folder cannot be written to
   */
  public List<FetchedFile> fetch(Consumer<FetchedFile> finished) {
    List<FetchedFile> fetched = new ArrayList<>();
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      Files.createDirectories(directory);
      for (RemoteFile file : dataset.files()) {
        FetchedFile done = fetch(client, file);
        finished.accept(done);
        fetched.add(done);
      }
    } catch (IOException unwritable) {
      throw new InvalidInputException(
          "%s: cannot be written to: %s".formatted(directory, reason(unwritable)), unwritable);
    }
    return fetched;
  }

  private FetchedFile fetch(HttpClient client, RemoteFile file) throws IOException {
    Path target = directory.resolve(file.name());
    if (Files.exists(target) && wrongSum(target, file).isEmpty()) {
      return new FetchedFile(target, false, "");
    }
    List<String> failures = new ArrayList<>();
    for (URI mirror : dataset.mirrors()) {
      URI url = mirror.resolve(file.name());
      // Not createTempFile, which hides the file from everyone else who shares the folder.
      Path partial =
          directory.resolve("%s.%d.part".formatted(file.name(), ProcessHandle.current().pid()));
      partial.toFile().deleteOnExit();
      try {
        String failure = download(client, url, partial);
        if (failure.isEmpty()) {
          failure = wrongSum(partial, file);
        }
        if (failure.isEmpty()) {
          moveInto(partial, target);
          return new FetchedFile(target, true, url.toString());
        }
        failures.add(url + ": " + failure);
      } finally {
        Files.deleteIfExists(partial);
      }
    }
    throw new InvalidInputException(
        "cannot fetch %s: %s".formatted(file.name(), String.join("; ", failures)));
  }

  /** Downloads to {@code partial}; what went wrong, or an empty string. */
  private static String download(HttpClient client, URI url, Path partial) {
    HttpRequest request = HttpRequest.newBuilder(url).build();
    // A request's own timeout ends with the headers; this one covers the body.
    Future<HttpResponse<Path>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofFile(partial));
    try {
      HttpResponse<Path> response = answer.get(FILE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      return response.statusCode() == 200 ? "" : "HTTP status " + response.statusCode();
    } catch (TimeoutException slow) {
      answer.cancel(true);
      return "not downloaded within " + FILE_TIMEOUT.toMinutes() + " minutes";
    } catch (ExecutionException failed) {
      return "network failure: " + reason(failed.getCause());
    } catch (InterruptedException interrupted) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /** How the checksum of {@code path} is wrong, or an empty string when it is right. */
  private String wrongSum(Path path, RemoteFile file) {
    MessageDigest md5 = md5();
    byte[] buffer = new byte[1 << 16];
    try (InputStream stored = Files.newInputStream(path);
        InputStream content = dataset.sumsOfDecompressed() ? new GZIPInputStream(stored) : stored) {
      for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
        md5.update(buffer, 0, read);
      }
    } catch (IOException damaged) {
      return "damaged: " + reason(damaged);
    }
    String sum = HexFormat.of().formatHex(md5.digest());
    return sum.equals(file.md5())
        ? ""
        : "wrong MD5 checksum %s, expected %s".formatted(sum, file.md5());
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has MD5", impossible);
    }
  }

  private static void moveInto(Path partial, Path target) throws IOException {
    try {
      Files.move(
          partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException unsupported) {
      Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The message of {@code failure} or of what caused it; some have none, only a kind. */
  private static String reason(@Nullable Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof UnresolvedAddressException) {
        return "unknown host";
      }
      if (t.getMessage() != null && !t.getMessage().isBlank()) {
        return t.getMessage();
      }
    }
    return failure instanceof ConnectException ? "cannot connect" : String.valueOf(failure);
  }
}
