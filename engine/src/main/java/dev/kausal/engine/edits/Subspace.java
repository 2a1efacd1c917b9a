package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A subspace of the activations at one position, by an orthonormal basis.
 *
 * @param units number of units of a position
 * @param basis orthonormal vectors [rank][unit], units head by head; none for the origin alone
 */
public record Subspace(int units, List<List<Float>> basis) {
    /** A vector is in the span of earlier ones if less than this share of its norm is outside of it. */
    private static final double DEPENDENT = 1e-5;

    public Subspace {
        basis = basis.stream().map(List::copyOf).toList();
    }

    /**
     * Returns the span of {@code vectors}, made orthonormal in double precision by the Gram-Schmidt process. Vectors in
     * the span of those before them are left out.
     *
     * @throws IllegalArgumentException if there are no vectors, or they differ in length
     */
    public static Subspace of(List<List<Float>> vectors) {
        if (vectors.isEmpty()) {
            throw new IllegalArgumentException("a subspace is spanned by vectors");
        }
        List<double[]> orthonormal = new ArrayList<>();
        for (List<Float> vector : vectors) {
            if (vector.size() != vectors.get(0).size()) {
                throw new IllegalArgumentException(
                        "vectors of " + vectors.get(0).size() + " and " + vector.size());
            }
            double[] rest = vector.stream().mapToDouble(Float::doubleValue).toArray();
            double norm = norm(rest);
            // Twice, as the first pass leaves rounding errors of almost dependent vectors.
            for (int pass = 0; pass < 2; pass++) {
                orthonormal.forEach(other -> remove(rest, other));
            }
            if (norm(rest) > DEPENDENT * norm) {
                orthonormal.add(scaled(rest, 1 / norm(rest)));
            }
        }
        return new Subspace(
                vectors.get(0).size(),
                orthonormal.stream().map(Subspace::floats).toList());
    }

    /** Returns the number of dimensions. */
    public int rank() {
        return basis.size();
    }

    /**
     * Returns the orthogonal projection of each position's units onto this subspace.
     *
     * @param activation [1, position, (head,) unit]
     * @return of the same shape; owned by the open scope
     * @throws EditException if the activation has another number of units, or is scores or pattern
     */
    NDArray projected(NDArray activation, Target target) {
        if (target.point().kind().attention()) {
            throw new EditException(target.site(), "projects attention on a vector. Choose another hook point.");
        }
        if (target.units(activation) != units) {
            throw new EditException(
                    target.site(),
                    "projects " + target.units(activation) + " numbers on a vector of " + units
                            + ". Use equally many.");
        }
        if (rank() == 0) {
            return activation.zerosLike();
        }
        float[] numbers = new float[rank() * units];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = basis.get(i / units).get(i % units);
        }
        NDArray rows = activation.getManager().create(numbers, new Shape(rank(), units));
        NDArray flat = activation.reshape(-1, units);
        return flat.matMul(rows.transpose()).matMul(rows).reshape(activation.getShape());
    }

    private static void remove(double[] rest, double[] unit) {
        double along = 0;
        for (int i = 0; i < rest.length; i++) {
            along += rest[i] * unit[i];
        }
        for (int i = 0; i < rest.length; i++) {
            rest[i] -= along * unit[i];
        }
    }

    private static double norm(double[] vector) {
        double squares = 0;
        for (double number : vector) {
            squares += number * number;
        }
        return Math.sqrt(squares);
    }

    private static double[] scaled(double[] vector, double by) {
        double[] scaled = new double[vector.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = vector[i] * by;
        }
        return scaled;
    }

    private static List<Float> floats(double[] vector) {
        List<Float> floats = new ArrayList<>(vector.length);
        for (double number : vector) {
            floats.add((float) number);
        }
        return floats;
    }
}
