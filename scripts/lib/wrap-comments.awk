# Wraps comments of Swift that are longer than 120 columns: what doesn't fit begins the next line of the comment.
# Prints the file. Code, and lines of code blocks, tables and headings in comments, stay as they are.

# columns TEXT: its characters, also where awk counts bytes.
function columns(text) {
    gsub(/[\200-\277]/, "", text)
    return length(text)
}
# is_own LINE: whether a line of a comment must begin where it does.
function is_own(text) { return text == "" || text ~ /^(- |[0-9]+\. |```|\||#|MARK:|swift-format)/ }

{
    match($0, /^ *\/\/\/?/)
    if (RSTART == 0) { flush(); fence = 0; print; next }
    mark = substr($0, 1, RLENGTH)
    text = substr($0, RLENGTH + 1)
    if (text ~ /^ *```/) { flush(); fence = !fence; print; next }
    if (fence) { print; next }
    match(text, /^ */)
    indent = substr(text, 1, RLENGTH)
    text = substr(text, RLENGTH + 1)
    if (rest != "" && mark == rest_mark && !is_own(text)) {
        text = rest " " text
        indent = rest_indent
        rest = ""
    }
    flush()
    emit(mark, indent, text)
}
END { flush() }

# emit MARK INDENT TEXT: as much of the text as fits; the rest waits for the comment's next line.
function emit(mark, indent, text,    line, cut) {
    line = mark indent text
    if (columns(line) <= 120 || text ~ /^(\||#)/) { print line; return }
    cut = 0
    for (i = length(mark indent) + 2; i <= length(line); i++)
        if (substr(line, i, 1) == " " && columns(substr(line, 1, i - 1)) <= 120) cut = i
    if (!cut) { print line; return }
    print substr(line, 1, cut - 1)
    rest = substr(line, cut + 1)
    rest_mark = mark
    # What belongs to an item of a list is indented as its text is.
    rest_indent = indent
    if (text ~ /^- /) rest_indent = indent "  "
}
function flush(    text) {
    while (rest != "") {
        text = rest
        rest = ""
        emit(rest_mark, rest_indent, text)
    }
}
