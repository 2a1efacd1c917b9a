package dev.kausal.engine;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.model.HookedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The Java blocks of a page, compiled together: the bodies of methods of one class, called by the line of the page that
 * they begin at. A block that declares {@code class Examples} is that class; the others stand in the place of its line
 * {@code // examples}.
 */
final class JavaExamples {
    private static final String MARK = "    // examples";

    /** One line of the class, and the place where a page has it. */
    private record Line(String text, String place) {}

    /** A fenced block. */
    private record Block(Path page, int line, List<String> lines) {
        List<Line> numbered() {
            List<Line> numbered = new ArrayList<>();
            for (int i = 0; i < lines.size(); i++) {
                numbered.add(new Line(lines.get(i), page + ":" + (line + i)));
            }
            return numbered;
        }

        boolean frame() {
            return lines.stream().anyMatch(text -> text.contains("class Examples"));
        }
    }

    private final TreeMap<Integer, String> methods = new TreeMap<>();
    private final List<Line> source = new ArrayList<>();
    private final Path page;

    /**
     * Examples of {@code page}.
     *
     * @param framePage the page whose block the class is
     */
    JavaExamples(Path page, Path framePage) {
        this.page = page;
        List<Line> frame = blocks(framePage).stream()
                .filter(Block::frame)
                .findFirst()
                .orElseThrow()
                .numbered();
        int mark = frame.stream().map(Line::text).toList().indexOf(MARK);
        source.addAll(frame.subList(0, mark));
        for (Block block : blocks(page)) {
            if (!block.frame()) {
                String name = "line" + block.line();
                methods.put(block.line(), name);
                source.add(new Line("static void " + name + "() throws Exception {", page + ":" + block.line()));
                source.addAll(block.numbered());
                source.add(new Line("}", page + ":" + block.line()));
            }
        }
        source.addAll(frame.subList(mark + 1, frame.size()));
    }

    private static List<Block> blocks(Path page) {
        List<String> lines;
        try {
            lines = Files.readAllLines(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).equals("```java")) {
                int end = i + 1;
                while (!lines.get(end).equals("```")) {
                    end++;
                }
                blocks.add(new Block(page, i + 2, lines.subList(i + 1, end)));
                i = end;
            }
        }
        return blocks;
    }

    /** Names of the methods, by the line of the page. */
    List<String> names() {
        return List.copyOf(methods.values());
    }

    /** Puts one text for another everywhere, such as a path that the page only stands for. */
    void replace(String text, String by) {
        source.replaceAll(line -> new Line(line.text().replace(text, by), line.place()));
    }

    /** Compiles the class into {@code folder}; what does not compile fails with the page's lines. */
    Compiled compile(Path folder) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        String text = String.join("\n", source.stream().map(Line::text).toList());
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///Examples.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignore) {
                        return text;
                    }
                };
        List<String> options =
                List.of("-d", folder.toString(), "-classpath", System.getProperty("java.class.path"), "-proc:none");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(found, Locale.ROOT, null)) {
            if (!compiler.getTask(null, files, found, options, null, List.of(file))
                    .call()) {
                throw new AssertionError(String.join("\n", complaints(found.getDiagnostics())));
            }
        }
        return new Compiled(new URLClassLoader(new URL[] {folder.toUri().toURL()}), page);
    }

    private List<String> complaints(List<Diagnostic<? extends JavaFileObject>> found) {
        return found.stream()
                .filter(one -> one.getKind() == Diagnostic.Kind.ERROR)
                .map(one -> source.get((int) one.getLineNumber() - 1).place() + ": " + one.getMessage(Locale.ROOT))
                .toList();
    }

    /** The class, loaded; closing it closes what its fields own. */
    record Compiled(URLClassLoader loader, Path page) implements AutoCloseable {
        /** Runs one block; what it throws fails with its line. */
        void run(String name) throws ReflectiveOperationException {
            var method = loader.loadClass("Examples").getDeclaredMethod(name);
            method.setAccessible(true);
            try {
                method.invoke(null);
            } catch (InvocationTargetException e) {
                throw new AssertionError(page + ":" + name.substring("line".length()) + " fails", e.getCause());
            }
        }

        @Override
        public void close() throws IOException {
            try {
                for (Field field : loader.loadClass("Examples").getDeclaredFields()) {
                    field.setAccessible(true);
                    if (field.get(null) instanceof NDManager manager) {
                        manager.close();
                    } else if (field.get(null) instanceof HookedModel model) {
                        model.close();
                    }
                }
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            } finally {
                loader.close();
            }
        }
    }
}
