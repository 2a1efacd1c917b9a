package dev.kausal.engine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of distances against those of transformers 5.23.0's make_log_bucket_position. */
final class RelativePositionConfigTest {
    private static RelativePositionConfig.Disentangled shape(int span, int buckets, int farthest) {
        return new RelativePositionConfig.Disentangled(span, buckets, farthest, true, true, false, false);
    }

    /** The hash is that of the library's buckets of the distances 1 - length to length - 1, as a list has it in Java. */
    @ParameterizedTest
    @CsvSource({
        "256, 512, 512, 941597727",
        "32, 512, 512, 994067871",
        "6, 16, 16, 2058860063",
        "5, 16, 40, 1437718495",
        "64, 128, 300, -302066785",
        "320, 512, 1024, -674858337",
        "512, 2048, 2048, -2044720993"
    })
    void bucketsOfEveryDistanceAreTheLibrarys(int buckets, int farthest, int length, int hash) {
        int span = length;
        RelativePositionConfig.Disentangled wide = shape(span, buckets, farthest);
        int found = IntStream.range(1 - length, length)
                .map(distance -> wide.row(distance) - span)
                .reduce(1, (sum, bucket) -> 31 * sum + bucket);
        assertEquals(hash, found);
    }

    @Test
    void distancesBeyondTheTableShareItsLastRows() {
        assertEquals(0, shape(5, 0, 5).row(-7));
        assertEquals(4, shape(5, 0, 5).row(-1));
        assertEquals(9, shape(5, 0, 5).row(4));
        assertEquals(9, shape(5, 0, 5).row(40));
    }
}
