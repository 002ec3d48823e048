package io.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class FiguresTest {
  private static Figures wall(double seconds) {
    return new Figures().with(Figure.WALL, seconds);
  }

  @Test
  void rateIsMiBOverSeconds() {
    Figures figures = Figures.of(3L << 20, 1_500_000_000L);

    assertEquals(Map.of("wallSeconds", 1.5, "mibPerSecond", 2.0), figures.members());
  }

  @Test
  void transferIsBetweenFirstAndLastByte() {
    Figures figures = new Figures().withArrival(2L << 20, new Arrival(8, 100, 600, 3));

    assertEquals(
        Map.of(
            "firstByteMillis",
            100.0,
            "transferMibPerSecond",
            4.0,
            "blocksPerSecond",
            16.0,
            "vouchers",
            3.0),
        figures.members());
  }

  @Test
  void givenNoTimeBetweenFirstAndLastByte_thenNoRate() {
    Figures figures = new Figures().withArrival(1, new Arrival(1, 5, 5, 0));

    assertEquals(OptionalDouble.empty(), figures.get(Figure.TRANSFER));
  }

  @Test
  void processorTimeIsAlsoGivenForEachGiB() {
    Figures figures =
        new Figures()
            .withProcesses(
                1L << 29,
                new ProcessUse(Optional.of(2.0), Optional.of(5L << 20)),
                ProcessUse.UNKNOWN);

    assertEquals(
        Map.of("clientCpuSeconds", 2.0, "clientCpuSecondsPerGib", 4.0, "clientPeakMib", 5.0),
        figures.members());
  }

  @Test
  void medianIsTheMiddle_andOfAnEvenNumberTheMeanOfTheTwoThere() {
    assertEquals(wall(2).members(), Figures.median(List.of(wall(9), wall(1), wall(2))).members());
    assertEquals(
        wall(3).members(), Figures.median(List.of(wall(9), wall(1), wall(2), wall(4))).members());
  }

  @Test
  void givenFigureThatSomeRunsLack_thenMedianOfTheOthers() {
    Figures median = Figures.median(List.of(new Figures(), wall(4)));

    assertEquals(wall(4).members(), median.members());
  }

  @Test
  void ratioIsOfWhatBothHave() {
    Figures ours = wall(3).with(Figure.VOUCHERS, 1).with(Figure.CLIENT_CPU, 1);
    Figures theirs = wall(2).with(Figure.CLIENT_CPU, 0).with(Figure.WIRE, 1);

    assertEquals(Map.of("wallSeconds", 1.5), ours.over(theirs).members());
  }

  @Test
  void severalClientsAreOne_fromTheFirstByteOfAnyToTheLastOfAll() {
    assertEquals(
        new Arrival(5, 10, 90, 7),
        Arrival.ofAll(List.of(new Arrival(2, 30, 90, 3), new Arrival(3, 10, 50, 4))));
  }
}
