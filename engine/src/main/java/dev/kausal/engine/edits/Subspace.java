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
        List<double[]> doubles = new ArrayList<>();
        for (List<Float> vector : vectors) {
            if (vector.size() != vectors.get(0).size()) {
                throw new IllegalArgumentException(
                        "vectors of " + vectors.get(0).size() + " and " + vector.size());
            }
            doubles.add(vector.stream().mapToDouble(Float::doubleValue).toArray());
        }
        return new Subspace(
                vectors.get(0).size(),
                GramSchmidt.orthonormal(doubles).stream().map(Subspace::floats).toList());
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

    private static List<Float> floats(double[] vector) {
        List<Float> floats = new ArrayList<>(vector.length);
        for (double number : vector) {
            floats.add((float) number);
        }
        return floats;
    }
}
