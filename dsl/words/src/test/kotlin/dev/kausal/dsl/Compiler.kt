package dev.kausal.dsl

import dev.kausal.dsl.declare.ExperimentDeclaration
import org.jetbrains.kotlin.cli.common.ExitCode
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.net.URLClassLoader
import java.nio.file.Files
import java.nio.file.Path

/** What the compiler made of a source, and what it said. */
class Compilation(
    val code: ExitCode,
    val said: String,
    private val folder: Path,
) {
    fun load(name: String): Class<*> =
        URLClassLoader(arrayOf(folder.toUri().toURL()), Compilation::class.java.classLoader).loadClass(name)
}

fun compile(
    file: String,
    source: String,
): Compilation {
    val folder = Files.createTempDirectory("kausal")
    val path = folder.resolve(file)
    Files.writeString(path, source)
    val said = ByteArrayOutputStream()
    val classpath = System.getProperty("java.class.path")
    val options = arrayOf("-classpath", classpath, "-no-stdlib", "-no-reflect", "-jvm-target", "17", "-d", "$folder")
    val code = K2JVMCompiler().exec(PrintStream(said), "$path", *options)
    return Compilation(code, said.toString(), folder)
}

/** Compiles and runs a script of the test resources with the imports that scripts have, lines as in the script. */
fun evaluate(resource: String): ExperimentDeclaration {
    val script = Compilation::class.java.getResource("/$resource")!!.readText()
    val compiled = compile("Reference.kt", "import dev.kausal.dsl.*; fun script() = $script")
    check(compiled.code == ExitCode.OK) { compiled.said }
    return compiled.load("ReferenceKt").getMethod("script").invoke(null) as ExperimentDeclaration
}
