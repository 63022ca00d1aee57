"""A small shelf of well-known books, as documents."""

from bookapp.search.documents import Document

_BOOKS = (
    ("The Hobbit", "J. R. R. Tolkien", "fantasy"),
    ("The Fellowship of the Ring", "J. R. R. Tolkien", "fantasy The Lord of the Rings"),
    ("The Two Towers", "J. R. R. Tolkien", "fantasy The Lord of the Rings"),
    ("Harry Potter and the Philosopher's Stone", "J. K. Rowling", "fantasy children"),
    ("Harry Potter and the Chamber of Secrets", "J. K. Rowling", "fantasy children"),
    ("Harry Potter and the Goblet of Fire", "J. K. Rowling", "fantasy children"),
    ("Cien años de soledad", "Gabriel García Márquez", "classics"),
    ("El amor en los tiempos del cólera", "Gabriel García Márquez", "classics"),
    ("Братья Карамазовы", "Fyodor Dostoyevsky", "classics"),
    ("Also sprach Zarathustra", "Friedrich Nietzsche", "philosophy"),
    ("Hamlet", "William Shakespeare", "drama"),
    ("Nineteen Eighty-Four", "George Orwell", "1984 dystopia"),
    ("Animal Farm", "George Orwell", "dystopia"),
    ("Emma", "Jane Austen", "classics romance"),
    ("Pride and Prejudice", "Jane Austen", "classics romance"),
    ("Der Fürst", "Niccolò Machiavelli", "politics"),
    ("ノルウェイの森", "Haruki Murakami", "Norwegian Wood"),
    ("三体", "刘慈欣", "The Three-Body Problem 1e5 5e3x c3po 4you snake_case 1.2.3"),
    ("Star Wars", "George Lucas", "science fiction"),
    ("War and Peace", "Leo Tolstoy", "classics"),
    ("Warbreaker", "Brandon Sanderson", "fantasy"),
    ("It", "Stephen King", "horror"),
    ("The Stand", "Stephen King", "horror"),
    ("The Shining", "Stephen King", "horror"),
    ("Kingdom Come", "Mark Waid", "comics"),
    ("A Life", "Emma Smith", "biography"),
    ("Emma and I", "Sheila Hocken", "dogs"),
    ("Lolita", "Vladimir Nabokov", "classics"),
)

SHELF = [Document(number, *book) for number, book in enumerate(_BOOKS, start=1)]
IDS = {document.title: document.id for document in SHELF}
