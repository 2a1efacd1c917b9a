package dev.kausal.engine.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import dev.kausal.engine.errors.Present;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Operations that the native library fuses into one call and DJL does not expose, called through a TorchScript module
 * built here.
 *
 * <p>Each makes a new array, in the open NDScope, with the first operand's manager. They work in place if possible, so
 * while gradients are recorded ({@link Recording}) only {@link #geluTanh} and those for bfloat16 may be called.
 */
public final class Fused {
    private static final String CODE = """
            class Ops(Module):
              __parameters__ = []
              __buffers__ = []
              def gelu_tanh(self: __torch__.Ops, x: Tensor) -> Tensor:
                return torch.gelu(x, approximate="tanh")
              def silu_gate(self: __torch__.Ops, x: Tensor, y: Tensor) -> Tensor:
                return torch.mul_(torch.silu(x), y)
              def rotate_halves(self: __torch__.Ops, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
                rotated = torch.empty_like(x)
                pairs = torch.size(cos, 2)
                a = torch.narrow(x, 2, 0, pairs)
                b = torch.narrow(x, 2, pairs, pairs)
                first = torch.mul(a, cos, out=torch.narrow(rotated, 2, 0, pairs))
                second = torch.mul(b, cos, out=torch.narrow(rotated, 2, pairs, pairs))
                _0 = torch.addcmul_(first, b, sin, value=-1)
                _1 = torch.addcmul_(second, a, sin)
                return rotated
              def product_blocks(self: __torch__.Ops, x: Tensor, w: Tensor) -> Tensor:
                rows = torch.expand(torch.unsqueeze(x, 0), [torch.size(w, 1), -1, -1])
                return torch.bmm(rows, torch.transpose(w, 0, 1))
              def joined_product(self: __torch__.Ops, x: Tensor, w: Tensor) -> Tensor:
                blocks = (self).product_blocks(x, w, )
                return torch.flatten(torch.transpose(blocks, 0, 1), 1)
              def eigenvalues(self: __torch__.Ops, x: Tensor) -> Tensor:
                return torch.view_as_real(torch.linalg_eigvals(x))
              def narrowed(self: __torch__.Ops, x: Tensor) -> Tensor:
                return torch.contiguous(torch.to(x, 15))
              def widened(self: __torch__.Ops, x: Tensor) -> Tensor:
                return torch.to(x, 6)
              def rounded(self: __torch__.Ops, x: Tensor) -> Tensor:
                return torch.to(torch.to(x, 15), 6)
              def narrow_product(self: __torch__.Ops, x: Tensor, w: Tensor) -> Tensor:
                return torch.to(torch.matmul(torch.to(x, 15), w), 6)
              def wide_product(self: __torch__.Ops, x: Tensor, w: Tensor) -> Tensor:
                product = torch.matmul(torch.to(torch.to(x, 15), 6), torch.to(w, 6))
                return torch.to(torch.to(product, 15), 6)
            """ + AttentionCode.METHODS;
    // Pickled: an object of class Ops without fields, and an empty tuple.
    private static final String OBJECT = "\u0080\u0002c__torch__\nOps\n)\u0081}b.";
    private static final String NO_CONSTANTS = "\u0080\u0002).";
    private static final String FORMAT = "10\n";

    /** One module per device, for the lifetime of the process. */
    private static final Map<Device, Fused> BY_DEVICE = new ConcurrentHashMap<>();

    private final PtNDManager manager;
    private final PtSymbolBlock module;
    private final NDArray geluTanh;
    private final NDArray siluGate;
    private final NDArray rotateHalves;
    private final NDArray productBlocks;
    private final NDArray joinedProduct;
    private final NDArray eigenvalues;
    private final NDArray narrowed;
    private final NDArray widened;
    private final NDArray rounded;
    private final NDArray narrowProduct;
    private final NDArray wideProduct;
    private final Map<AttentionCode.Method, NDArray> attention = new EnumMap<>(AttentionCode.Method.class);

    private Fused(Device device) {
        this.manager = (PtNDManager) NDManager.newBaseManager(device, "PyTorch");
        this.module = module(manager, CODE);
        this.geluTanh = method("gelu_tanh");
        this.siluGate = method("silu_gate");
        this.rotateHalves = method("rotate_halves");
        this.productBlocks = method("product_blocks");
        this.joinedProduct = method("joined_product");
        this.eigenvalues = method("eigenvalues");
        this.narrowed = method("narrowed");
        this.widened = method("widened");
        this.rounded = method("rounded");
        this.narrowProduct = method("narrow_product");
        this.wideProduct = method("wide_product");
        for (AttentionCode.Method method : AttentionCode.Method.values()) {
            attention.put(method, method(method.name().toLowerCase(Locale.ROOT)));
        }
    }

    /** Returns the module for the device of {@code x}. */
    private static Fused on(NDArray x) {
        return BY_DEVICE.computeIfAbsent(x.getDevice(), Fused::new);
    }

    /** Applies the tanh approximation of the Gaussian error linear unit to each element. */
    public static NDArray geluTanh(NDArray x) {
        Fused ops = on(x);
        return ops.call(x, ops.geluTanh);
    }

    /** Returns x · sigmoid(x) · y, element by element. */
    public static NDArray siluGate(NDArray x, NDArray y) {
        Fused ops = on(x);
        return ops.call(x, y, ops.siluGate);
    }

    /**
     * Rotates each dimension of the first half with its counterpart in the second half.
     *
     * @param x [row, head, 2 · pair]
     * @param cos [row, 1, pair]
     * @param sin [row, 1, pair]
     */
    public static NDArray rotateHalves(NDArray x, NDArray cos, NDArray sin) {
        Fused ops = on(x);
        return ops.call(x, cos, sin, ops.rotateHalves);
    }

    /**
     * Returns x · weight, one product per block of outputs.
     *
     * @param x [row, in]
     * @param weight [in, block, output of the block]
     * @return [block, row, output of the block]
     */
    static NDArray productBlocks(NDArray x, NDArray weight) {
        Fused ops = on(x);
        return ops.call(x, weight, ops.productBlocks);
    }

    /** Returns the same with the blocks of each row side by side: [row, block * output of the block]. */
    static NDArray joinedProduct(NDArray x, NDArray weight) {
        Fused ops = on(x);
        return ops.call(x, weight, ops.joinedProduct);
    }

    /** Returns the eigenvalues of a square matrix [n, n], unordered: [n, (real, imaginary)]. */
    public static NDArray eigenvalues(NDArray x) {
        Fused ops = on(x);
        return ops.call(x, ops.eigenvalues);
    }

    /**
     * Returns numbers in bfloat16. DJL has no such type: the array may only be passed to functions of this class, sliced,
     * and closed.
     */
    public static NDArray toBfloat16(NDArray x) {
        Fused ops = on(x);
        return ops.call(x, ops.narrowed);
    }

    /** Returns the float32 numbers of an array in bfloat16. */
    public static NDArray toFloat32(NDArray bfloat16) {
        Fused ops = on(bfloat16);
        return ops.call(bfloat16, ops.widened);
    }

    /** Returns each number rounded to bfloat16, in float32. Gradients are rounded likewise. */
    public static NDArray roundedToBfloat16(NDArray x) {
        Fused ops = on(x);
        return ops.call(x, ops.rounded);
    }

    /**
     * Returns the product of rows, rounded to bfloat16, with a weight in bfloat16: sums in float32, rounded to bfloat16.
     * Gradients flow back in the same way.
     *
     * @param x [..., in] in float32
     * @param weight [in, out] in bfloat16
     * @return [..., out] in float32
     */
    public static NDArray bfloat16Product(NDArray x, NDArray weight) {
        Fused ops = on(x);
        return ops.call(x, weight, ops.narrowProduct);
    }

    /** Returns the same as {@link #bfloat16Product}, computed by a product in float32. */
    public static NDArray roundedProduct(NDArray x, NDArray weight) {
        Fused ops = on(x);
        return ops.call(x, weight, ops.wideProduct);
    }

    /**
     * Returns values weighted by attention, softmax(q · kᵀ) · v, without keeping scores or pattern.
     *
     * @param q scaled queries [variant, query, head, d_head]
     * @param k keys [variant * key, key-value head, d_head]
     * @param v values [variant * key, key-value head, d_head]
     * @param causal whether query i sees the keys up to i, of equally many; or all
     * @return [variant * query, head, d_head]
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, boolean causal) {
        return on(q).attention(causal ? AttentionCode.Method.OWN_CAUSAL : AttentionCode.Method.OWN_ALL, q, k, v);
    }

    /**
     * Returns the same for variants that also see keys of one base run, of which they share one copy.
     *
     * @param baseKeys keys that all see [key-value head, d_head, base key]
     * @param baseValues their values [key-value head, base key, d_head]
     */
    public static NDArray attention(
            NDArray q, NDArray k, NDArray v, NDArray baseKeys, NDArray baseValues, boolean causal) {
        return on(q).attention(
                        causal ? AttentionCode.Method.BOTH_CAUSAL : AttentionCode.Method.BOTH_ALL,
                        q,
                        k,
                        v,
                        baseKeys,
                        baseValues);
    }

    private NDArray attention(AttentionCode.Method method, NDArray... arguments) {
        NDArray[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = Present.in(attention, method);
        return call(all);
    }

    private NDArray call(NDArray... arguments) {
        // As in training; otherwise later operations could not change the result in place.
        return IValueUtils.forward(module, new NDList(arguments), true).singletonOrThrow();
    }

    /** Returns an argument that DJL interprets as the name of the method to call. */
    private NDArray method(String name) {
        NDArray marker = manager.create(0f);
        marker.setName("module_method:" + name);
        return marker;
    }

    /** Returns a module whose class Ops has the methods of {@code code}, in the form that TorchScript stores. */
    static PtSymbolBlock module(PtNDManager manager, String code) {
        try {
            return JniUtils.loadModule(manager, new ByteArrayInputStream(archive(code)), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // Cannot fail: it is read from memory.
        }
    }

    private static byte[] archive(String code) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            entry(zip, "data.pkl", OBJECT);
            entry(zip, "code/__torch__.py", code);
            entry(zip, "constants.pkl", NO_CONSTANTS);
            entry(zip, "version", FORMAT);
        }
        return bytes.toByteArray();
    }

    private static void entry(ZipOutputStream zip, String name, String content) throws IOException {
        zip.putNextEntry(new ZipEntry("ops/" + name));
        zip.write(content.getBytes(StandardCharsets.ISO_8859_1));
        zip.closeEntry();
    }
}
