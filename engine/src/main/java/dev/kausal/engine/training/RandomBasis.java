package dev.kausal.engine.training;

import dev.kausal.engine.edits.GramSchmidt;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Random orthonormal vectors. */
public final class RandomBasis {
    private RandomBasis() {}

    /** Returns a basis [rank][unit] of a random subspace, all subspaces of the rank being equally likely. */
    public static List<double[]> of(int rank, int units, long seed) {
        Random random = new Random(seed);
        return GramSchmidt.orthonormal(IntStream.range(0, rank)
                .mapToObj(k -> IntStream.range(0, units)
                        .mapToDouble(unit -> random.nextGaussian())
                        .toArray())
                .toList());
    }
}
